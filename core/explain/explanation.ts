/** What the API, the command line and the console say of a session that was recorded, and why things went as they did. */
import { z } from "zod";
import { payloadSchema, policyStepSchema } from "../traffic/record-parts.ts";
import {
  closeRecordSchema,
  frameRecordSchema,
  hookRecordSchema,
  upgradeRecordSchema,
} from "../traffic/records.ts";

const conditionSchema = z.object({
  what: z.string().describe("`path`, `host`, `client`, or `header` and its name."),
  expected: z.string().describe("What the route is for; empty: anything."),
  got: z.string().describe("What the request has."),
});

const explainedRouteSchema = z.object({
  name: z.string().describe("Empty: no route matches."),
  state: z
    .enum(["matches", "changed", "gone"])
    .describe(
      "`changed`: the route is there, and would not match this request any more; `gone`: it is not there.",
    ),
  conditions: z.array(conditionSchema).describe("What made it match, of the route as it is now."),
  otherwise: z
    .string()
    .describe(
      "The route that the request would have come to without this one, which is less specific; else empty.",
    ),
});

const explainedStepSchema = policyStepSchema.extend({
  place: z
    .string()
    .describe(
      "Where in the author's files: of a fault where it was thrown, else the line of the hook; empty when the version is not there any more.",
    ),
  waitedMs: z
    .number()
    .describe(
      "From when the one before had answered to the call; 0 of an `unavailable` hook, for servers were asked in between.",
    ),
});

const messageNameSchema = z
  .string()
  .describe("As `explain` takes it, by the `sequence` of its record: `client:3`.");

export const explainedMessageSchema = z.object({
  message: messageNameSchema,
  seq: z.number().describe("Of its record."),
  kind: z.string().describe("`text`, `binary`, `ping`, …"),
  by: frameRecordSchema.shape.by,
  sinceStartMs: z.number().describe("Since the request, or the first record that is kept."),
  length: z.number(),
  outcome: frameRecordSchema.shape.outcome,
  durationMs: z.number().describe("Time in the gateway."),
  waitedMs: z.number().describe("Of that, outside of policies: for those before it, and for its turn."),
  steps: z.array(explainedStepSchema),
});

const explainedHookSchema = hookRecordSchema.omit({ kind: true, session: true, route: true }).extend({
  place: explainedStepSchema.shape.place,
  sinceStartMs: explainedMessageSchema.shape.sinceStartMs,
});

const endingCallSchema = z.object({
  policy: policyStepSchema.shape.policy,
  message: z.string().describe("What it was called for, as `client:3`; empty: no message."),
  hook: z.string(),
  outcome: z.enum(["closed", "failed"]),
  detail: policyStepSchema.shape.detail,
  place: explainedStepSchema.shape.place,
});

export const sessionExplanationSchema = z.object({
  session: z.string(),
  upgrade: upgradeRecordSchema
    .omit({ kind: true, seq: true, session: true, route: true })
    .extend({ steps: z.array(explainedStepSchema) })
    .nullable()
    .describe("null: it is not kept."),
  route: explainedRouteSchema,
  messages: z.array(explainedMessageSchema).describe("Oldest first."),
  hooks: z
    .array(explainedHookSchema)
    .describe("What `tick` and `renew` hooks said or did, oldest first; not the calls that said nothing."),
  hasMore: z.boolean().describe("Whether there are older messages and hooks than these."),
  end: closeRecordSchema
    .omit({ kind: true, seq: true, session: true, route: true })
    .extend({
      call: endingCallSchema
        .nullable()
        .describe("Of the policy's hook whose verdict or fault it was; null: none, or it is not kept."),
    })
    .nullable()
    .describe("The entry of the ledger of ends; null: it is open, or its end is not kept."),
});

const passedStepSchema = explainedStepSchema.extend({
  changed: z.boolean().describe("Whether it made another message of it."),
  input: payloadSchema.nullable().describe("The message as it was given to it; null when that is not kept."),
  output: payloadSchema
    .nullable()
    .describe("The message as it made it; null: it did not change it, or that is not kept."),
});

export const messageExplanationSchema = explainedMessageSchema.extend({
  session: z.string(),
  origin: z.enum(["client", "server"]),
  time: z.number().describe("When it was complete, milliseconds since 1970."),
  frames: z.number(),
  isCompressed: z.boolean(),
  maskKey: z.string().nullable(),
  writeMs: frameRecordSchema.shape.writeMs,
  unsentBytes: frameRecordSchema.shape.unsentBytes,
  steps: z.array(passedStepSchema),
  payload: payloadSchema.nullable().describe("As it came."),
  sent: payloadSchema
    .nullable()
    .describe("As it left for the other side; null: it did not, or that is not kept."),
  replies: z.array(payloadSchema).describe("What policies sent back to the sender."),
  appended: z.array(payloadSchema).describe("What policies sent after it to the receiver."),
});

export type RouteCondition = z.infer<typeof conditionSchema>;
export type ExplainedRoute = z.infer<typeof explainedRouteSchema>;
export type ExplainedStep = z.infer<typeof explainedStepSchema>;
export type ExplainedMessage = z.infer<typeof explainedMessageSchema>;
export type ExplainedHook = z.infer<typeof explainedHookSchema>;
export type EndingCall = z.infer<typeof endingCallSchema>;
export type SessionExplanation = z.infer<typeof sessionExplanationSchema>;
export type MessageExplanation = z.infer<typeof messageExplanationSchema>;
