import type { Duplex } from "node:stream";
import { formatHead, type HeaderFields } from "../net/headers.ts";
import { answerOf, type Refusal } from "../request/refusal.ts";

/** How long a client may take to receive its answer. */
const ANSWER_TIMEOUT_MS = 10_000;

/** What a client that was refused has got. */
export interface SentRefusal {
  readonly status: number;
  /** All of them; none where the client had gone. */
  readonly headers: HeaderFields;
}

/** Answer the upgrade with a plain HTTP response and close. */
export function refuseUpgrade(
  socket: Duplex,
  refusal: Refusal,
  id: string,
  timeoutMs = ANSWER_TIMEOUT_MS,
): SentRefusal {
  const { status, phrase, fields, body } = answerOf(refusal, id);
  if (socket.destroyed) return { status, headers: [] };
  const bytes = Buffer.from(body as string);
  const isBodiless = status === 204 || status === 304;
  const headers: HeaderFields = [
    ...fields,
    ...(isBodiless ? [] : [["Content-Length", String(bytes.length)] as const]),
    ["Connection", "close"],
  ];
  const head = Buffer.from(formatHead(`HTTP/1.1 ${status} ${phrase}`, headers), "latin1");
  // The client may never send its FIN, nor ever take the answer: the socket is not kept open for it.
  const patience = setTimeout(() => socket.destroy(), timeoutMs);
  patience.unref();
  socket.once("close", () => clearTimeout(patience));
  socket.once("finish", () => socket.destroy());
  socket.end(isBodiless ? head : Buffer.concat([head, bytes]));
  return { status, headers };
}
