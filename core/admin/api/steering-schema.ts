import { z } from "zod";
import { MOST_MESSAGE } from "../../fleet/questions/answer-schemas.ts";
import { unansweredShape } from "./fleet/scope.ts";
import { sessionFilterSchema } from "./sessions/session-filter-schema.ts";

/** What is done to many sessions at once, as the admin API takes and gives it. */
export const dryRunField = z.boolean().default(false).describe("Only say how many it would be.");

const whoseShape = {
  filter: sessionFilterSchema.default({}).describe("Which sessions: all that is given must hold."),
  all: z
    .literal(true)
    .optional()
    .describe("All sessions are meant: a filter that says nothing is refused otherwise."),
  dryRun: dryRunField,
};

export const paceShape = {
  rate: z
    .string()
    .optional()
    .describe("At most so many, over all workers and nodes, such as `50/s` or `600/m`. Absent: no limit."),
  over: z
    .string()
    .optional()
    .describe("At even distances over so long, such as `5m`. Absent: no longer than needed."),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("From 0 to 1: by how much of its distance to the next each may come late."),
};

export const closeShape = {
  code: z.int().describe("1000, 1001, 1008, 1011, 1012, 1013, or 3000 to 4999 for the application's own."),
  reason: z.string().describe("At most 123 bytes of UTF-8; both sides get it."),
};

export const closeSessionsSchema = z.strictObject({
  ...whoseShape,
  ...paceShape,
  code: closeShape.code.default(1001),
  reason: closeShape.reason.default(""),
});

export const renewSessionsSchema = z.strictObject({ ...whoseShape, ...paceShape });

export const moveSessionsSchema = z.strictObject({
  ...whoseShape,
  ...paceShape,
  message: z
    .string()
    .max(MOST_MESSAGE)
    .optional()
    .describe("A text message for each client, behind what is on its way to it."),
  hint: z
    .string()
    .optional()
    .describe(
      "Where to go: both sides get Close 1012 with this reason, after the message. At most 123 bytes.",
    ),
});

export const steeringJobSchema = z.object({
  id: z.string(),
  what: z.string().describe("What is done, in a few words."),
  filter: z.string().describe("To which sessions, as JSON."),
  which: z.string().describe("The same for people: `route=/chat user=anna`, or `all`."),
  perSecond: z.number().describe("At most so many a second; 0: no limit."),
  overMs: z.number().describe("Over at least so long; 0: no longer than needed."),
  startedAt: z.number().describe("Milliseconds since 1970."),
  state: z.enum(["running", "done", "stopped"]),
  sessions: z.number().describe("How many fitted when it began."),
  done: z.number(),
  left: z.number().describe("Those that ended by themselves before their turn are neither done nor left."),
  outcomes: z
    .record(z.string(), z.number())
    .describe("How many renewals ended so: renewed, unchanged, closed, failed, ended, held or no-hook."),
  unanswered: z
    .array(z.string())
    .describe("Nodes of the fleet that did not answer: it leaves their sessions alone."),
  node: z.string().describe("Of the fleet, that deals it out; empty where there is no fleet."),
});

export const steeringStartedSchema = z.object({
  sessions: z.number().describe("How many fit."),
  which: z.string().describe("Which are meant, for people: `route=/chat user=anna`, or `all`."),
  job: steeringJobSchema
    .nullable()
    .describe("What has begun; null for a dry run, and for what begins later."),
  at: z
    .number()
    .optional()
    .describe("When it begins, milliseconds since 1970. Absent: it has, or nothing will."),
  ...unansweredShape,
});

export const steeringSchema = z.object({
  jobs: z.array(steeringJobSchema).describe("Those that run, and the last that are over; oldest first."),
  ...unansweredShape,
});

export const steeringStoppedSchema = z.object({ done: z.literal(true) });

export const sessionCountSchema = z.object({ sessions: z.number(), ...unansweredShape });

export type SteeringJobView = z.infer<typeof steeringJobSchema>;
export type SteeringAnswer = z.infer<typeof steeringSchema>;
export type SteeringStarted = z.infer<typeof steeringStartedSchema>;
