/** What the admin API gives of versions whose verdicts go nowhere. */
import { z } from "zod";

const count = z.number();

const countsSchema = z.object({
  hook: z.string(),
  same: count.describe("Calls on which it says what the policy says."),
  differs: count.describe("On which it says otherwise."),
  failed: count.describe("On which there is nothing to compare: it took too long, or its host died."),
  lost: count.describe("That it did not get, for want of room."),
  kinds: z
    .array(z.object({ kind: z.string(), count }))
    .describe("Verdicts that differ, by the part that does, such as `message` or `close`."),
});

const json = z.unknown();

const sampleSchema = z.object({
  time: z.number().describe("Milliseconds since 1970."),
  version: z.string(),
  session: z.string(),
  route: z.string(),
  hook: z.string(),
  sequence: z.number().describe("Of a message: its place among those of its side, from 1."),
  kinds: z.array(z.string()),
  input: json.describe("Of a message: what both were called with."),
  real: json.describe("What the policy's verdict changes: it counted."),
  shadow: json.describe("What the shadow's would have changed."),
  changes: z
    .array(z.object({ path: z.string(), before: json.optional(), after: json.optional() }))
    .describe("The parts that differ, the policy's first."),
});

const shadowViewSchema = z.object({
  policy: z.string(),
  from: z.string().describe("Where it is from, as the config has it; `rollout`: it is a version on its way."),
  version: z.string().describe("That runs; empty when none does."),
  routes: z.array(z.string()),
  problem: z.string().describe("Why what it is from is not what runs; empty when nothing is wrong."),
  hooks: z.array(countsSchema).describe("Since the workers' start."),
  samples: z.array(sampleSchema).describe("Some of what differs, newest first, redacted."),
});

export const shadowsSchema = z.object({ shadows: z.array(shadowViewSchema) });

export type ShadowView = z.output<typeof shadowViewSchema>;
export type ShadowSampleView = z.output<typeof sampleSchema>;
