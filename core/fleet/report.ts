import { z } from "zod";

/** What a node says of itself, so that a machine of another version can read it: what it does not know it leaves out. */
export const nodeReportSchema = z.object({
  node: z.string().min(1).max(200),
  host: z.string().max(300).describe("The machine's name, as it knows it."),
  version: z.string().max(100).describe("Of Framegate."),
  startedAt: z.number().describe("When it started, milliseconds since 1970 by the clock of Redis."),
  workers: z.int().min(0),
  state: z.enum(["starting", "ready", "draining", "stopping"]),
  config: z.string().max(100).describe("A digest: equal where what the config says is equal."),
  options: z
    .array(z.object({ name: z.string().max(100), digest: z.string().max(100) }))
    .max(200)
    .default([])
    .describe("The same of each of its options by itself; none of a node that does not tell."),
  policies: z
    .array(
      z.object({
        name: z.string().max(500),
        version: z.string().max(100).describe("The one that runs; empty when none ever loaded."),
        since: z
          .number()
          .describe("When it was loaded, milliseconds since 1970 by the clock of Redis; 0: never."),
      }),
    )
    .max(2000),
  rollouts: z
    .array(
      z.object({
        policy: z.string().max(500),
        version: z.string().max(100),
        state: z.string().max(50),
        share: z.number(),
      }),
    )
    .max(500)
    .describe("Versions on their way."),
});

export type NodeReport = z.infer<typeof nodeReportSchema>;

/** A node, as the others know it. */
export interface KnownNode {
  readonly node: string;
  /** Of this start of it: what is sent to it goes there. */
  readonly holder: string;
  readonly sessions: number;
  /** Since it was heard of last, by the clock of Redis. */
  readonly seenMs: number;
  /** Its lease has ended: it is gone, or cut off. */
  readonly isGone: boolean;
  /** Undefined: it cannot be read, so the node is of another version. */
  readonly report: NodeReport | undefined;
}

export function parseReport(text: string): NodeReport | undefined {
  try {
    return nodeReportSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
