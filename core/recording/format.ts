/**
 * A recording: sessions as lines of JSON, in the order of time. The first line says that it is one; each other is one
 * request, message, call of a hook, close, or answer that a policy got of the gateway. docs/replay.md describes it for others who read or
 * write it.
 */
import { z } from "zod";

export const RECORDING_TYPE = "framegate-recording";
export const RECORDING_VERSION = 1;

/** Milliseconds since 1970, with fractions; up to the last that a date can be. */
const time = z.number().min(0).max(8.64e15);
const session = z.string().min(1);
const counts = z.strictObject({ client: z.number(), server: z.number() });

export const headerLineSchema = z.strictObject({
  type: z.literal(RECORDING_TYPE),
  version: z.literal(RECORDING_VERSION),
  /** ISO 8601. */
  made: z.string(),
  /** What made it. */
  by: z.string(),
  /** `consistent`: equal secrets have equal placeholders; `none`: nothing was hidden. */
  redaction: z.enum(["consistent", "plain", "none"]),
});

/** A text, or bytes as base64. `length` is there where less was kept than there was. */
const bodySchema = z.union([
  z.strictObject({ text: z.string(), length: z.number().optional() }),
  z.strictObject({ base64: z.base64(), length: z.number().optional() }),
]);

const closeSchema = z.strictObject({ code: z.number(), reason: z.string() });

/** What one policy did, as the recorder tells it. */
const stepSchema = z.strictObject({ policy: z.string(), version: z.string(), action: z.string() });

/** What people have kept with a record: a mark, a note. */
const noteShape = { marked: z.literal(true).optional(), note: z.string().optional() };

const upgradeLineSchema = z.strictObject({
  type: z.literal("upgrade"),
  ...noteShape,
  session,
  time,
  /** The name of the route; "" where none is known. */
  route: z.string(),
  method: z.string(),
  /** Path and query, or `*` (RFC 9112, 3.2). */
  url: z.string().regex(/^(?:\/|\*$)/, "expected a path that begins with `/`"),
  headers: z.array(z.tuple([z.string(), z.string()])),
  client: z.strictObject({ address: z.string(), port: z.number(), tls: z.boolean() }),
  /** Absent where nobody has asked policies. */
  result: z
    .strictObject({
      status: z.number(),
      attributes: z.record(z.string(), z.unknown()),
      server: z.string(),
      subprotocol: z.string(),
      steps: z.array(stepSchema),
    })
    .optional(),
});

/** What becomes of a message that policies see. */
export const MESSAGE_OUTCOMES = ["passed", "replaced", "dropped", "closed", "failed"] as const;

const messageLineSchema = z.strictObject({
  type: z.literal("message"),
  ...noteShape,
  session,
  time,
  origin: z.enum(["client", "server"]),
  /** Who has really sent it, in the name of `origin`; absent: that side itself. */
  by: z.literal("operator").optional(),
  /** Whole, as it came. */
  body: bodySchema,
  /** What an operator has made of it at a breakpoint, after the policies; absent: nothing. */
  operator: z
    .strictObject({ action: z.enum(["held", "replaced", "dropped"]), after: bodySchema.optional() })
    .optional(),
  /** What the policies did. Absent where none has seen it. */
  result: z
    .strictObject({
      outcome: z.enum(MESSAGE_OUTCOMES),
      /** As it left, where a policy replaced it. */
      after: bodySchema.optional(),
      replies: z.array(bodySchema),
      appended: z.array(bodySchema),
      close: closeSchema.optional(),
      steps: z.array(stepSchema),
    })
    .optional(),
});

/** A hook that no message is given to, and that said something. */
const hookLineSchema = z.strictObject({
  type: z.literal("hook"),
  ...noteShape,
  session,
  /** When it was called. */
  time,
  hook: z.enum(["tick", "renew"]),
  by: z.enum(["time", "request", "message", "tick"]),
  /** Milliseconds that a `tick` came late. */
  late: z.number(),
  policy: z.string(),
  version: z.string(),
  result: z.strictObject({
    outcome: z.enum(["sent", "renewed", "closed", "failed"]),
    toClient: z.array(bodySchema),
    toServer: z.array(bodySchema),
    attributes: z.record(z.string(), z.unknown()),
    expires: z.number().optional(),
    close: closeSchema.optional(),
  }),
});

const closeLineSchema = z.strictObject({
  type: z.literal("close"),
  ...noteShape,
  session,
  time,
  initiator: z.enum(["client", "server", "gateway", "policy"]),
  code: z.number(),
  reason: z.string(),
  durationMs: z.number(),
  messages: counts,
  bytes: counts,
});

/** What a policy asked the gateway for, and was told. */
const capabilityLineSchema = z.strictObject({
  type: z.literal("capability"),
  time,
  policy: z.string(),
  kind: z.enum(["fetch", "kv", "rate"]),
  ask: z.string(),
  answer: z.union([
    z.strictObject({ text: z.string(), base64: z.base64().optional() }),
    z.strictObject({ error: z.strictObject({ name: z.string(), message: z.string() }) }),
  ]),
});

export const eventLineSchema = z.discriminatedUnion("type", [
  upgradeLineSchema,
  messageLineSchema,
  hookLineSchema,
  closeLineSchema,
  capabilityLineSchema,
]);

export type RecordingHeader = z.infer<typeof headerLineSchema>;
export type RecordedBody = z.infer<typeof bodySchema>;
export type RecordedStep = z.infer<typeof stepSchema>;
export type UpgradeLine = z.infer<typeof upgradeLineSchema>;
/** `outcome`: of a HAR file, which has no `result`: what became of it is known, and not how. */
export type MessageLine = z.infer<typeof messageLineSchema> & { readonly outcome?: MessageOutcome };
export type MessageOutcome = (typeof MESSAGE_OUTCOMES)[number];
export type HookLine = z.infer<typeof hookLineSchema>;
export type CloseLine = z.infer<typeof closeLineSchema>;
export type CapabilityLine = z.infer<typeof capabilityLineSchema>;
export type EventLine = UpgradeLine | MessageLine | HookLine | CloseLine | CapabilityLine;

/** What happened, and where in the file it stands: its line, or its place among the messages of a HAR file. */
export type RecordedEvent = EventLine & { readonly line: number };

export interface SessionRecording {
  readonly events: readonly RecordedEvent[];
}
