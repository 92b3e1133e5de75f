import { z } from "zod";
import { payloadSchema, stepActionSchema } from "../../../traffic/record-parts.ts";

const hookSchema = z.enum(["upgrade", "unavailable", "client", "server", "tick", "renew", "close"]);

/** What is to be run. */
export const trialOrderSchema = z.strictObject({
  seq: z
    .number()
    .int()
    .optional()
    .describe(
      "A record: its message, unless `message` is another, and its session's request and attributes.",
    ),
  message: z
    .union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.base64() })])
    .optional()
    .describe("A text message, or one of bytes."),
  hook: hookSchema
    .optional()
    .describe("Absent: that of the record's side; without a record `client`, without a message `upgrade`."),
  version: z.string().optional().describe("One that is kept; absent: the one that runs."),
  route: z
    .string()
    .optional()
    .describe(
      "Whose options the policy gets; absent: that of the record, else the first that uses the policy.",
    ),
});

export const trialSchema = z.object({
  policy: z.string(),
  version: z.string(),
  hook: hookSchema,
  route: z.string().describe("Whose options it had; empty: no route uses it, and it had none."),
  action: z.enum([...stepActionSchema.options, "sent", "renewed", "skipped"]).describe("What it did."),
  detail: z.string().describe("Close code and reason, status, or the fault's message; else empty."),
  stack: z.string().describe("Of a fault, in the author's lines; else empty."),
  durationMs: z
    .number()
    .describe(
      "From the call to its verdict, in a sandbox that has run nothing before: more than in traffic.",
    ),
  before: payloadSchema.nullable().describe("The message that it was called with; null: it was no message."),
  after: payloadSchema.nullable().describe("What goes on to the receiver; null: nothing."),
  toClient: z.array(payloadSchema),
  toServer: z.array(payloadSchema),
  close: z.object({ code: z.number(), reason: z.string() }).nullable(),
  status: z.number().nullable().describe("Of a request: what the client gets."),
  verdict: z.unknown().describe("What it said, where it was not asked about a message; else null."),
  logs: z.array(z.object({ level: z.enum(["debug", "info", "warn", "error"]), text: z.string() })),
  asks: z
    .array(
      z.object({
        kind: z.enum(["fetch", "kv", "secret", "alert", "rate"]),
        ask: z.string().describe("As in `GET https://…` or `get key`; empty where the kind says it all."),
        answer: z
          .enum(["recorded", "empty", "refused", "placeholder", "swallowed"])
          .describe(
            "`recorded`: as it was told after the message came; `empty`: by a store that begins empty; `refused`: with an error, which is `message`.",
          ),
        message: z.string(),
      }),
    )
    .describe("What it asked for. None of it was performed."),
  notes: z.array(z.string()).describe("What was otherwise than in traffic."),
});

export type TrialOrder = z.infer<typeof trialOrderSchema>;
export type TrialView = z.infer<typeof trialSchema>;
