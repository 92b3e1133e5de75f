/** What the admin API gives of versions of policies that come step by step. */
import { z } from "zod";

const numbersSchema = z.object({
  calls: z.number().describe("Since the step began."),
  faults: z.number().describe("Of these calls."),
  sessions: z.number().describe("That it was called for, since its first step began."),
  closes: z.number().describe("Sessions of these that it has ended or refused."),
  p99Ms: z.number().nullable().describe("Of these calls, there and back; null: no calls."),
});

const machineSchema = z.object({
  node: z.string(),
  state: z
    .enum(["taking part", "waiting", "taken back", "silent"])
    .describe(
      "`waiting`: it has the version before; `silent`: it has not been heard of for five seconds, is not waited for, and its numbers count no more.",
    ),
  seenMs: z.number().describe("Since it was heard of last."),
  canary: numbersSchema,
});

const share = z.number().describe("Of the sessions, from 0 to 1.");

const rolloutViewSchema = z.object({
  policy: z.string(),
  state: z.enum(["on its way", "paused", "taken back"]),
  version: z.string().describe("The one that is, or was, on its way."),
  stable: z.string().describe("The version before it."),
  share: share.describe("That it has, or had as it was taken back; of the sessions, from 0 to 1."),
  step: z.number().describe("From 1."),
  steps: z.array(share).describe("Empty when it was taken back."),
  at: z.number().describe("When the step began, or it was taken back: milliseconds since 1970."),
  everyMs: z.number().describe("How long a step lasts at least."),
  minCalls: z.number().describe("How many calls it has at least."),
  canary: numbersSchema.describe("How the version on its way does."),
  before: numbersSchema.describe("How the version before it does in the same time."),
  shadow: z
    .object({ calls: z.number(), differs: z.number() })
    .describe(
      "What it said as a shadow of the version before, since its first step: calls that could be compared, and those on which it said otherwise.",
    ),
  fleet: z
    .object({
      machines: z.array(machineSchema).describe("Those that have the version, by name."),
      problem: z.string().describe("Why nothing is known of the others; else empty."),
    })
    .nullable()
    .describe("Null without a `cluster`. With one, share, step and numbers are those of all machines."),
  rule: z.string().describe("What it was taken back for, else empty."),
  reason: z.string().describe("The same, with the numbers."),
});

const endedRolloutSchema = z.object({
  policy: z.string(),
  version: z.string(),
  outcome: z
    .enum(["finished", "given up", "taken back"])
    .describe("Given up: another version, or none, was wanted."),
  at: z.number().describe("Milliseconds since 1970."),
  rule: z.string().describe("What it was taken back for, else empty."),
  reason: z.string().describe("The same, with the numbers."),
});

export const rolloutsSchema = z.object({
  rollouts: z.array(rolloutViewSchema),
  ended: z.array(endedRolloutSchema).describe("The last of each policy, since the gateway's start."),
});

export const rolloutAnswerSchema = z.object({
  rollout: rolloutViewSchema.nullable().describe("Null: it is over, and its version is that of all."),
});

export type EndedRolloutView = z.output<typeof endedRolloutSchema>;
export type RolloutView = z.output<typeof rolloutViewSchema>;
export type RolloutMachineView = z.output<typeof machineSchema>;
