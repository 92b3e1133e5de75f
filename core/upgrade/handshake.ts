import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HeaderFields } from "../net/headers.ts";
import type { Refused } from "../request/refusal.ts";

/** The client's half of the opening handshake, checked (RFC 6455 section 4.2.1). */
export type ClientHandshake =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly status: WrongHandshake; readonly detail: string };

type WrongHandshake = 400 | 405 | 426;

export function checkHandshake(request: IncomingMessage): ClientHandshake {
  if (request.method !== "GET") return { ok: false, status: 405, detail: "a WebSocket handshake is a GET" };
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    return { ok: false, status: 426, detail: "this path speaks WebSocket" };
  }
  if (request.httpVersion !== "1.1") return { ok: false, status: 400, detail: "HTTP/1.1 is needed" };
  // To whoever takes it for a body, what follows is something else than the frames that it is to us.
  if (hasBody(request)) return { ok: false, status: 400, detail: "a WebSocket handshake has no body" };
  // RFC 9112 section 3.2: policies, and whoever stands before us, could each go by another one.
  if (countFields(request.rawHeaders, "host") !== 1)
    return { ok: false, status: 400, detail: "one Host is needed" };
  const version = request.headers["sec-websocket-version"];
  if (version !== "13") return { ok: false, status: 426, detail: "WebSocket version 13 is needed" };
  const key = request.headers["sec-websocket-key"];
  if (key === undefined || !/^[+/0-9A-Za-z]{22}==$/.test(key)) {
    return { ok: false, status: 400, detail: "Sec-WebSocket-Key must be 16 bytes in base64" };
  }
  return { ok: true, key };
}

/** Node's own lists of what came more than once cost more than all else that is checked here. */
function countFields(raw: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]?.toLowerCase() === name) count++;
  return count;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** The fields that say what would be a handshake. */
const FIELDS_OF_REFUSAL: Readonly<Record<WrongHandshake, HeaderFields>> = {
  400: [],
  405: [["Allow", "GET"]],
  // RFC 9110 section 15.5.22: a 426 names what to upgrade to.
  426: [
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
  ],
};

export function badHandshake({ status, detail }: Extract<ClientHandshake, { ok: false }>): Refused {
  return { refusal: { code: "ERR_BAD_HANDSHAKE", detail, status, headers: FIELDS_OF_REFUSAL[status] } };
}

/** The value of Sec-WebSocket-Accept that answers a key (section 4.2.2). */
export function acceptKey(key: string): string {
  return hash("sha1", `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, "base64");
}
