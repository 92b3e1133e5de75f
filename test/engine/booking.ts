import type { SessionBook } from "../../core/engine/session-book.ts";
import type { SessionEnd } from "../../core/session-end.ts";

/** What the book takes down of a session's upgrade. */
export const accepted = {
  context: { request: { path: "/a?x=1" }, attributes: { user: "ada" }, subprotocol: "chat" },
  extensions: { header: "permessage-deflate", deflate: {} },
  client: { address: "127.0.0.1:1" },
  server: { url: "ws://a" },
} as unknown as Parameters<SessionBook["add"]>[1];

const none = { client: 0, server: 0 };

/** The end of a session that has carried so much. */
export function sessionEnd(carried: Partial<Pick<SessionEnd, "messages" | "bytes">> = {}): SessionEnd {
  const grounds = { initiator: "client", code: 1000, reason: "bye", cause: "peer", detail: "" } as const;
  const both = { sent: 1000, got: 1000 };
  const ledger = { policy: "", version: "", rule: "", codes: { client: both, server: both } };
  return { ...grounds, ...ledger, durationMs: 5, messages: none, bytes: none, ...carried };
}
