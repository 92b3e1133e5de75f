/**
 * What the recorder gives to whoever reads: the admin API, the live feed, the HAR export, the console and the payload
 * log. Redaction has been applied to all of it. The schemas are the API's documentation too.
 */
import { z } from "zod";
import {
  headersSchema,
  messageStepSchema,
  originSchema,
  payloadSchema,
  policyStepSchema,
  serverLegShape,
} from "./record-parts.ts";

export type { MessageStep, Origin, PayloadView, Phase, PolicyStep } from "./record-parts.ts";

const baseShape = {
  seq: z.number().describe("Grows with each record; the cursor of paging."),
  time: z.number().describe("Milliseconds since 1970, with fractions."),
  session: z.string(),
  route: z.string(),
  node: z
    .string()
    .optional()
    .describe("The gateway that recorded it, where records of the whole fleet are read; else absent."),
  marked: z.literal(true).optional().describe("Somebody has marked it."),
  note: z.string().optional().describe("What somebody has written beside it."),
};

export const upgradeRecordSchema = z.object({
  kind: z.literal("upgrade"),
  ...baseShape,
  method: z.string(),
  path: z.string().describe("Path and query as asked for."),
  httpVersion: z.string(),
  status: z.number().describe("Of the answer; 499 when the client went before there was one."),
  code: z.string().describe("Why it was refused, e.g. ERR_NO_ROUTE; empty for a 101."),
  detail: z.string(),
  client: z.string().describe("Address and port."),
  server: z.string().describe("URL; empty when none was dialled."),
  subprotocol: z.string(),
  extensions: z.string(),
  durationMs: z.number(),
  request: headersSchema.describe("From the client to the gateway."),
  ...serverLegShape,
  response: headersSchema.describe("From the gateway to the client."),
  attributes: z.record(z.string(), z.unknown()).describe("What the `upgrade` hooks set."),
  steps: z.array(policyStepSchema),
});

export const requestRecordSchema = z.object({
  kind: z.literal("request"),
  ...baseShape,
  method: z.string(),
  path: z.string().describe("Path and query as asked for."),
  httpVersion: z.string(),
  status: z.number().describe("Of the answer; 499 when the client went before there was one."),
  code: z.string().describe("Why it was refused, e.g. ERR_NO_ROUTE; empty where it was not."),
  detail: z.string(),
  client: z.string().describe("Address and port."),
  server: z.string().describe("URL; empty when none was asked."),
  durationMs: z.number().describe("To the end of the answer."),
  isComplete: z.boolean().describe("Whether the client got all of the answer."),
  requestBytes: z.number().describe("Of the request's body."),
  responseBytes: z.number().describe("Of the answer's body."),
  request: headersSchema.describe("From the client to the gateway."),
  ...serverLegShape,
  response: headersSchema.describe("From the gateway to the client."),
  steps: z.array(policyStepSchema),
});

export const frameRecordSchema = z.object({
  kind: z.literal("frame"),
  ...baseShape,
  origin: originSchema,
  by: z
    .literal("operator")
    .optional()
    .describe("Who has really sent it, in the name of `origin`. Absent: that side itself."),
  opcode: z.number(),
  fin: z.boolean(),
  isCompressed: z.boolean(),
  maskKey: z.string().nullable().describe("Eight hex digits; null when unmasked."),
  length: z.number().describe("Payload bytes as on the wire; of the whole message where policies read it."),
  sequence: z
    .number()
    .describe(
      "Of its direction and session, from 1: pings, pongs, Close frames and, where no policy reads them, fragments count too.",
    ),
  frames: z.number().describe("How many frames the message came in; 1 where frames are recorded one by one."),
  durationMs: z.number().describe("Time in the gateway, until it was to leave."),
  writeMs: z
    .number()
    .nullable()
    .describe(
      "From there until the receiver's socket had it; null where no policy read it, or nothing left.",
    ),
  unsentBytes: z
    .number()
    .describe("What waited in that socket then: more than 0 where the receiver takes less than comes."),
  outcome: z
    .enum(["spliced", "passed", "replaced", "dropped", "closed", "failed"])
    .describe("`spliced`: no policy saw it."),
  steps: z.array(messageStepSchema),
  payload: payloadSchema.nullable().describe("As it came; null when none is kept."),
  after: payloadSchema.nullable().describe("As it left, where a policy replaced it."),
  replies: z.array(payloadSchema).describe("What policies sent back to the sender."),
  appended: z.array(payloadSchema).describe("What policies sent after it to the receiver."),
});

export const hookRecordSchema = z.object({
  kind: z.literal("hook"),
  ...baseShape,
  hook: z.enum(["tick", "renew"]),
  by: z
    .enum(["time", "request", "message", "tick"])
    .describe(
      "What called it: its time, an operator, or the verdict of that policy's hook of a message, or of its `tick`.",
    ),
  lateMs: z.number().describe("Of a `tick`: how late it was."),
  policy: z.string(),
  version: z.string(),
  outcome: z
    .enum(["sent", "renewed", "closed", "failed"])
    .describe("What is said first that holds, from the last one on: what closes may send too."),
  durationMs: z.number().describe("From the call to its verdict; 0 where a verdict has called it."),
  detail: z.string().describe("Close code and reason, or the fault's message; else empty."),
  place: z.string().describe("Of a fault: the place in the author's files, e.g. `guard.ts:4:9`; else empty."),
  rule: z.string().describe("What was broken, as the verdict names it; else empty."),
  attributes: z.record(z.string(), z.unknown()).describe("What it has set of them."),
  expires: z
    .number()
    .nullable()
    .describe("When the connection expires as it says, milliseconds since 1970; null: it has not said."),
  toClient: z.array(payloadSchema).describe("What it sent, before the policies on the way have read it."),
  toServer: z.array(payloadSchema),
});

const codeSchema = z.number().nullable();
const legCodesSchema = z.object({
  sent: codeSchema.describe(
    "Of the Close frame that this side sent; 1005: one without a code; null: none came.",
  ),
  got: codeSchema.describe("Of the Close frame that this side was sent; null: none."),
});

export const closeRecordSchema = z.object({
  kind: z.literal("close"),
  ...baseShape,
  initiator: z.enum(["client", "server", "gateway", "policy"]),
  code: z
    .number()
    .describe("Of the Close frame that ended it; 1005: one without a code; 1006: there was none."),
  reason: z.string(),
  cause: z.string().describe("On what grounds, e.g. `peer`, `idle`, `policy`, `keepalive`, `admin`."),
  detail: z.string().describe("The policy, the limit, the fault; else empty."),
  policy: z.string().describe("Whose verdict, fault or expiry it was; empty: no policy's."),
  version: z.string().describe("The version of it that ran; else empty."),
  rule: z
    .string()
    .describe("What was broken: as the policy's verdict names it, or the option of the route; else empty."),
  codes: z.object({ client: legCodesSchema, server: legCodesSchema }),
  client: z.string(),
  server: z.string(),
  durationMs: z.number(),
  messages: z.object({ client: z.number(), server: z.number() }),
  bytes: z.object({ client: z.number(), server: z.number() }),
});

export const trafficRecordSchema = z.discriminatedUnion("kind", [
  upgradeRecordSchema,
  requestRecordSchema,
  frameRecordSchema,
  hookRecordSchema,
  closeRecordSchema,
]);

export type UpgradeRecord = z.infer<typeof upgradeRecordSchema>;
export type RequestRecord = z.infer<typeof requestRecordSchema>;
export type FrameRecord = z.infer<typeof frameRecordSchema>;
export type HookRecord = z.infer<typeof hookRecordSchema>;
export type CloseRecord = z.infer<typeof closeRecordSchema>;
export type TrafficRecord = z.infer<typeof trafficRecordSchema>;

export const sessionFactsSchema = z
  .object({
    subject: z.string().describe("Who it is of, by the attributes that `traffic.subject` names; else empty."),
    attributes: z.record(z.string(), z.unknown()).describe("What the hooks of policies have set."),
    path: z.string().describe("Path and query as asked for."),
    host: z.string().describe("The host that the client asked for."),
    subprotocol: z.string(),
    client: z.string().describe("Address and port."),
    server: z.string().describe("URL; empty when none was dialled."),
  })
  .describe("What its upgrade has said of a session: its other records do not say it again.");
export type SessionFacts = z.infer<typeof sessionFactsSchema>;

/** What people keep with a record. */
export const recordNoteSchema = z.strictObject({
  marked: z.boolean(),
  note: z.string().trim().max(500).describe("At most 500 characters; empty for none."),
});
export type RecordNote = z.infer<typeof recordNoteSchema>;

/** Which records to find. All that is given must hold. */
export const trafficFilterSchema = z.object({
  kind: z.enum(["upgrade", "request", "frame", "hook", "close"]).optional(),
  session: z.string().optional(),
  route: z.string().optional(),
  node: z.string().optional().describe("Of one gateway, where records of the whole fleet are read."),
  origin: originSchema.optional(),
  opcode: z.number().optional(),
  status: z.number().optional().describe("Of an upgrade or a plain request."),
  policy: z.string().optional().describe("Only what this policy had a part in."),
  outcome: z.string().optional().describe("Of a frame, or a hook: one outcome."),
  text: z.string().optional().describe("In a payload, a path, a header or a reason; case does not matter."),
  filter: z
    .string()
    .optional()
    .describe("What is looked for, in the language of filters, e.g. `route:chat size>1KiB !origin:server`."),
  from: z.number().optional().describe("Milliseconds since 1970."),
  to: z.number().optional(),
});
export type TrafficFilter = z.infer<typeof trafficFilterSchema>;

export interface TrafficQuery extends TrafficFilter {
  /** Only records with a smaller, or a greater, `seq`. */
  readonly before?: number;
  readonly after?: number;
  /** Newest first unless `after` is given: then oldest first. */
  readonly limit: number;
}

export interface TrafficPage {
  readonly records: readonly TrafficRecord[];
  /** Whether there are more in that direction. */
  readonly hasMore: boolean;
}

export interface TrafficStats {
  readonly records: number;
  readonly bytes: number;
  /** Of the oldest record that is kept, ms since 1970; 0 when there is none. */
  readonly oldestTime: number;
  readonly newestSeq: number;
  /** Records that workers could not hand over, or that the store could not take. */
  readonly dropped: number;
  /** Why the store takes nothing at the moment, e.g. a full disk; empty when it does. */
  readonly problem: string;
}
