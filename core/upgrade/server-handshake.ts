import { subprotocol } from "ws";
import { changeHeaders, type HeaderFields } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import type { UpgradeDecision } from "../request/decision.ts";
import type { Routed } from "../request/exchange.ts";
import { requestFieldsOf, responseFieldsOf } from "../request/passed-fields.ts";
import type { Refusal } from "../request/refusal.ts";
import type { Dialled } from "../upstream/dial/dial.ts";
import { readRefusalBody } from "../upstream/dial/refusal-body.ts";
import { headerValue } from "../upstream/dial/response-head.ts";
import type { Negotiation } from "./compression.ts";
import type { NegotiatedExtensions } from "./extensions.ts";
import { acceptKey } from "./handshake.ts";

/** For a server's refusal where the route's handshake may take as long as it takes. */
const REFUSAL_TIMEOUT_MS = 10_000;

/** What the fields of both heads are made of. */
interface Terms {
  readonly routed: Routed;
  readonly decision: UpgradeDecision;
  readonly subprotocols: readonly string[] | undefined;
}

/** The request to the server: what the route makes of the client's fields, and the handshake. */
export function requestFields(
  { routed, decision, subprotocols }: Terms,
  target: Target,
  offer: string | undefined,
): HeaderFields {
  const protocols = decision.subprotocol ?? subprotocols?.join(", ");
  const without = protocols === undefined ? [] : ["sec-websocket-protocol"];
  const fields: HeaderFields = [
    ...requestFieldsOf(routed, target, { scheme: "ws", without }),
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
  { head }: Pick<Dialled, "head">,
  protocols: string | undefined,
  negotiation: Pick<Negotiation, "accept">,
): NegotiatedExtensions | string {
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
  { routed, decision }: Pick<Terms, "routed" | "decision">,
  answer: HeaderFields,
  extensions: NegotiatedExtensions,
): HeaderFields {
  const fields: HeaderFields = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ...responseFieldsOf(routed, answer),
    ...(extensions.header === undefined ? [] : [["Sec-WebSocket-Extensions", extensions.header] as const]),
  ];
  return changeHeaders(fields, decision.responseHeaders);
}

/** The server said no: its status, fields and body are the client's answer. */
export async function passRefusalOn(routed: Routed, dialled: Dialled, target: Target): Promise<Refusal> {
  const bytes = await readRefusalBody(dialled, routed.config.handshakeTimeoutMs || REFUSAL_TIMEOUT_MS);
  return {
    code: "ERR_UPSTREAM_REFUSED",
    detail: `${target.url} answered ${dialled.head.status}`,
    // A success that is not a 101 would leave the client believing that something worked.
    status: dialled.head.status >= 300 ? dialled.head.status : 502,
    headers: responseFieldsOf(routed, dialled.head.headers),
    body: { bytes },
  };
}
