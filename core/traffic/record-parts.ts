/** What several kinds of records have in common. */
import { z } from "zod";

export const originSchema = z.enum(["client", "server"]).describe("Who sent it.");

/** Part of a payload that was kept. */
export const payloadSchema = z.object({
  /** Text for a text message, base64 for bytes; never more than the route keeps. */
  encoding: z.enum(["text", "base64"]),
  data: z.string(),
  length: z.number().describe("Bytes of the whole payload; more than `data` holds where it was cut."),
  isCut: z.boolean(),
  redactions: z.number().describe("How many values were replaced by the redaction rules."),
});

export const stepActionSchema = z.enum([
  "passed",
  "replaced",
  "dropped",
  "replied",
  "appended",
  "closed",
  "rejected",
  "held",
  "failed",
]);

/** What one policy did with an upgrade or a message. */
export const policyStepSchema = z.object({
  policy: z.string().describe("Empty where it was an operator."),
  by: z.literal("operator").optional().describe("An operator held it, at a breakpoint. Absent: the policy."),
  version: z.string(),
  hook: z
    .literal("unavailable")
    .optional()
    .describe("Absent: the hook for what the record is of, such as `upgrade` or `client`."),
  action: stepActionSchema,
  afterMs: z.number().describe("From when the request, or the message, had come to the call."),
  durationMs: z.number().describe("From the call to its verdict, the way to the sandbox and back included."),
  detail: z.string().describe("Close code and reason, status, or the fault's message; else empty."),
});

/** The same of a message. */
export const messageStepSchema = policyStepSchema.extend({
  place: z.string().describe("Of a fault: the place in the author's files, e.g. `guard.ts:4:9`; else empty."),
  changed: z.boolean().describe("Whether it made another message of it."),
  after: payloadSchema
    .nullable()
    .describe(
      "What it made of it, where that is not what left in the end; null else, or when nothing is kept.",
    ),
});

export const headersSchema = z
  .array(z.tuple([z.string(), z.string()]))
  .describe("Name and value, in the order and case of the wire.");

/** A part of the time that an upgrade or a plain request took; the calls of hooks are its steps. */
export const phaseSchema = z.object({
  phase: z
    .enum(["admit", "queue", "dial", "request", "server", "answer"])
    .describe(
      "`admit`: until its policies were asked; `queue`: until there was a place at a server; `dial`: to the connection, TLS included; `request`: sending a plain request; `server`: to the head of the server's answer; `answer`: passing that on, until the 101 was written, or the end of a plain answer.",
    ),
  afterMs: z.number().describe("From when the request had come to its beginning."),
  durationMs: z.number(),
  server: z.string().optional().describe("Of a `dial`: host and port."),
  isKept: z.literal(true).optional().describe("Of a `dial`: a connection of an earlier request was used."),
  problem: z.string().optional().describe("What ended it, where that was no success."),
});

/** What went to the server of it, and came back. */
export const serverLegShape = {
  serverRequest: headersSchema
    .nullable()
    .describe("From the gateway to the server; null when none was asked."),
  serverResponse: z
    .object({ status: z.number(), headers: headersSchema })
    .nullable()
    .describe("From the server to the gateway."),
  phases: z
    .array(phaseSchema)
    .describe("In the order of time; of many attempts at servers the first. Empty: it is not known."),
};

export type Origin = z.infer<typeof originSchema>;
export type PayloadView = z.infer<typeof payloadSchema>;
export type PolicyStep = z.infer<typeof policyStepSchema>;
export type MessageStep = z.infer<typeof messageStepSchema>;
export type Phase = z.infer<typeof phaseSchema>;
