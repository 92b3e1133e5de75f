import { z } from "zod";
import { nodeReportSchema } from "../../../fleet/report.ts";

export const nodeViewSchema = nodeReportSchema.omit({ state: true }).extend({
  state: z
    .enum(["starting", "ready", "draining", "stopping", "silent", "unreadable", "gone"])
    .describe(
      "What it says itself; `silent`: it did not answer now; `unreadable`: it is of a version that does not understand this one, or is not understood; `gone`: it has not been heard of for five seconds, and is remembered for ten minutes.",
    ),
  isSelf: z.boolean().describe("Whether it is the one that answers."),
  seenMs: z.number().describe("Since it was heard of last."),
  sessions: z.number().describe("Open ones, when it was heard of last."),
  differences: z
    .array(z.object({ what: z.enum(["version", "config", "policy"]), name: z.string() }))
    .describe(
      "What is otherwise here than at most nodes, an option of the config and a policy by its name; where no value has more than half of them, at each. A config without a name: a node that runs another version of Framegate does not tell which option it is.",
    ),
});

export const fleetSchema = z.object({
  node: z.string().describe("The name of the one that answers; empty: it is in no fleet."),
  nodes: z.array(nodeViewSchema).describe("By name."),
  isLost: z.boolean().describe("Redis does not answer, so that only the one that answers is known."),
  problem: z.string().describe("What is wrong with the fleet as a whole; else empty."),
});

export type NodeView = z.infer<typeof nodeViewSchema>;
export type FleetView = z.infer<typeof fleetSchema>;
