import { createHmac } from "node:crypto";
import { readSigningKey } from "../config/index.ts";

/** What is sent, and under which id: each try to send it has the same. */
export interface WebhookMessage {
  readonly id: string;
  readonly body: string;
  /** A policy has made it up. */
  readonly isOfPolicy: boolean;
}

/**
 * The fields by which the receiver knows who sends, and that it has not had it before (Standard Webhooks 1.0.0).
 *
 * @param secret undefined: it is not signed
 */
export function webhookFields(
  { id, body }: Pick<WebhookMessage, "id" | "body">,
  seconds: number,
  secret: string | undefined,
): Record<string, string> {
  const fields = { "Webhook-Id": id, "Webhook-Timestamp": String(seconds) };
  if (secret === undefined) return fields;
  const key = readSigningKey(secret);
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...fields, "Webhook-Signature": `v1,${signature}` };
}
