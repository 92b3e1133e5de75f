import { subprotocol } from "ws";
import { changeHeaders, type HeaderFields } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import type { UpgradeDecision } from "../request/ask-policies.ts";
import { requestFieldsOf, responseFieldsOf } from "../request/exchange.ts";
import type { Refusal } from "../request/refusal.ts";
import type { Dialled } from "../upstream/dial/dial.ts";
import { readRefusalBody } from "../upstream/dial/refusal-body.ts";
import { headerValue } from "../upstream/dial/response-head.ts";
import type { Negotiation } from "./compression.ts";
import type { NegotiatedExtensions } from "./extensions.ts";
import { acceptKey } from "./handshake.ts";
import type { Attempt } from "./upgrade-attempt.ts";

/** The request to the server: what the route makes of the client's fields, and the handshake. */
export function requestFields(
  attempt: Attempt,
  decision: UpgradeDecision,
  target: Target,
  offer: string | undefined,
): HeaderFields {
  const protocols = decision.subprotocol ?? attempt.subprotocols?.join(", ");
  const without = protocols === undefined ? [] : ["sec-websocket-protocol"];
  const fields: HeaderFields = [
    ...requestFieldsOf(attempt, attempt.runtime.config, target, "ws", without),
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ...(offer === undefined ? [] : [["Sec-WebSocket-Extensions", offer] as const]),
    ...(protocols ? [["Sec-WebSocket-Protocol", protocols] as const] : []),
  ];
  return changeHeaders(fields, decision.headers);
}

/** RFC 6455 section 4.1, what a client must check in the answer. @returns what is wrong, as words */
export function checkAnswer(
  key: string,
  dialled: Dialled,
  protocols: string | undefined,
  negotiation: Negotiation,
): NegotiatedExtensions | string {
  const { head } = dialled;
  if (headerValue(head, "upgrade")?.toLowerCase() !== "websocket") return "a 101 without Upgrade: websocket";
  if (!/\bupgrade\b/i.test(headerValue(head, "connection") ?? "")) return "a 101 without Connection: Upgrade";
  if (headerValue(head, "sec-websocket-accept") !== acceptKey(key)) return "a wrong Sec-WebSocket-Accept";
  const chosen = headerValue(head, "sec-websocket-protocol");
  if (chosen !== undefined && !isOffered(chosen, protocols))
    return `a subprotocol that was not offered: ${chosen}`;
  const extensions = negotiation.accept(headerValue(head, "sec-websocket-extensions"));
  return extensions ?? "extensions that were not offered, or not as offered";
}

function isOffered(chosen: string, protocols: string | undefined): boolean {
  try {
    return protocols !== undefined && subprotocol.parse(protocols).has(chosen);
  } catch {
    return false;
  }
}

/** The 101 for the client: what the route makes of the server's fields. */
export function responseFields(
  attempt: Attempt,
  dialled: Dialled,
  decision: UpgradeDecision,
  extensions: NegotiatedExtensions,
): HeaderFields {
  const fields: HeaderFields = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ...responseFieldsOf(attempt, attempt.runtime.config, dialled.head.headers),
    ...(extensions.header === undefined ? [] : [["Sec-WebSocket-Extensions", extensions.header] as const]),
  ];
  return changeHeaders(fields, decision.responseHeaders);
}

/** The server said no: its status, fields and body are the client's answer. */
export async function passRefusalOn(attempt: Attempt, dialled: Dialled, target: Target): Promise<Refusal> {
  const { config } = attempt.runtime;
  const bytes = await readRefusalBody(dialled, config.handshakeTimeoutMs || 10_000);
  return {
    code: "ERR_UPSTREAM_REFUSED",
    detail: `${target.url} answered ${dialled.head.status}`,
    // A success that is not a 101 would leave the client believing that something worked.
    status: dialled.head.status >= 300 ? dialled.head.status : 502,
    headers: responseFieldsOf(attempt, config, dialled.head.headers),
    body: { bytes },
  };
}
