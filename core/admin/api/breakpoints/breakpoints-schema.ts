import { z } from "zod";
import { breakpointSchema, heldMessageSchema, passedSchema } from "../../../fleet/questions/hold-schemas.ts";
import { unansweredShape } from "../fleet/scope.ts";

export const breakpointWishSchema = z.strictObject({
  filter: z.string().max(2_000).default("").describe("Which messages are held; empty: all."),
  session: z.string().min(1).optional().describe("Of this session alone."),
  route: z.string().min(1).optional().describe("Of sessions of this route alone."),
  from: z.enum(["client", "server"]).optional().describe("Who has sent them; absent: both sides."),
  hold: z.string().default("30s").describe("A message goes by itself after so long: from `1s` to `10m`."),
  for: z
    .string()
    .default("1h")
    .describe("The breakpoint is removed by itself after so long: from `1s` to `24h`."),
});

export const shownHeldSchema = heldMessageSchema.extend({
  node: z.string().describe("The gateway that it is on; empty where there is no fleet."),
});

export const breakpointsSchema = z.object({
  breakpoints: z.array(breakpointSchema).describe("Oldest first."),
  held: z
    .array(shownHeldSchema)
    .describe("Those that go by themselves next first; with beginnings of their payloads."),
  passed: passedSchema,
  unreadable: z
    .number()
    .describe(
      "Open sessions that a breakpoint is for and whose messages cannot be held: they are compressed such that nobody can read one alone.",
    ),
  mostHeld: z.number().describe("So many are held of each worker's sessions; what comes then goes on."),
  ...unansweredShape,
});

export const releaseAllSchema = z.strictObject({
  session: z.string().min(1).optional(),
  breakpoint: z.string().min(1).optional().describe("Its id."),
});

export const releasedAllSchema = z.object({
  messages: z.number().describe("How many there were."),
  ...unansweredShape,
});

export type BreakpointView = z.infer<typeof breakpointSchema>;
export type HeldMessageView = z.infer<typeof shownHeldSchema>;
export type BreakpointsView = z.infer<typeof breakpointsSchema>;
export type BreakpointWishInput = z.input<typeof breakpointWishSchema>;
