/** What nodes ask and answer of breakpoints, and of the messages that are held there. What must not be shown has been hidden by the node. */
import { z } from "zod";
import { type Breakpoint, type HeldSelection, MOST_BREAKPOINTS } from "../../breakpoints/breakpoint.ts";
import { findFilterProblem } from "../../traffic/filter/parse-filter.ts";
import { payloadSchema } from "../../traffic/record-parts.ts";

const text = z.string().max(10_000);
const idSchema = z.string().min(1).max(200);
const count = z.number().min(0);
/** What a timer can wait. */
const MOST_FOR_MS = 2 ** 31 - 1;
const side = z.enum(["client", "server"]);

export const breakpointSchema = z.strictObject({
  id: idSchema,
  filter: text.describe("Which messages; empty: all."),
  session: idSchema.exactOptional().describe("Of this session alone."),
  route: text.exactOptional().describe("Of sessions of this route alone."),
  origin: side.exactOptional().describe("Who has sent them; absent: both sides."),
  holdMs: count.describe("A message goes by itself after so long."),
  createdAt: z.number().describe("Milliseconds since 1970."),
  expiresAt: z.number().describe("When it is removed by itself."),
}) satisfies z.ZodType<Breakpoint>;

/** A filter that this version cannot read is one of another version. */
export const breakpointOrderSchema = breakpointSchema
  .omit({ createdAt: true, expiresAt: true })
  .extend({ forMs: count.max(MOST_FOR_MS) })
  .refine(({ filter }) => findFilterProblem(filter) === undefined);

export const heldMessageSchema = z.object({
  id: z.string(),
  breakpoint: z.string().describe("The id of the one that it is held at."),
  session: z.string(),
  route: z.string(),
  origin: side.describe("Who has sent it."),
  sequence: count.describe(
    "Its number among the messages of its direction and session, from 1, as policies have it. Its record gets a number of its own when it leaves.",
  ),
  heldAt: z.number().describe("Since when, milliseconds since 1970."),
  leftMs: count.describe("Until it goes by itself."),
  payload: payloadSchema.describe(
    "As it is to leave: its beginning in a list, all of it where one is asked for.",
  ),
  original: payloadSchema.nullable().describe("As it came, where policies have changed it; else null."),
});

export const passedSchema = z
  .object({
    full: count.describe("There was no room for more."),
    large: count.describe("Longer than what is held."),
    unread: count.describe(
      "In fragments, longer than what is read, or such that only reading tells: whether it matched is not known.",
    ),
  })
  .describe("Messages that matched, or may have, and have gone on all the same, since breakpoints were set.");

export const heldOrderSchema = z.strictObject({ id: idSchema.exactOptional() });

export const heldAnswerSchema = z.object({
  breakpoints: z.array(breakpointSchema).max(MOST_BREAKPOINTS),
  messages: z.array(heldMessageSchema).max(2_000),
  passed: passedSchema,
  unreadable: count,
});

export const decisionOrderSchema = z.strictObject({
  id: idSchema,
  type: z.enum(["release", "replace", "drop"]),
  /** With `replace`. */
  body: z.strictObject({ binary: z.boolean(), base64: z.base64() }).exactOptional(),
});

export const decidedSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("done"),
    message: z.object({
      session: z.string(),
      route: z.string(),
      origin: side,
      bytes: count,
      editedBytes: count.exactOptional(),
    }),
  }),
  z.object({ outcome: z.enum(["gone", "marks", "too-large"]) }),
]);

export const selectionSchema = z.strictObject({
  session: idSchema.exactOptional(),
  breakpoint: idSchema.exactOptional(),
}) satisfies z.ZodType<HeldSelection>;

export const releasedSchema = z.object({ messages: count });

export type ShownHeldMessage = z.infer<typeof heldMessageSchema>;
export type HeldAnswer = z.infer<typeof heldAnswerSchema>;
export type DecidedAnswer = z.infer<typeof decidedSchema>;
