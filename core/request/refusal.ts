import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { formatHead, type HeaderFields } from "../net/headers.ts";
import type { UpstreamErrorCode } from "../upstream/dial/errors.ts";

/** Why an upgrade did not become a session. The log has the detail, the client only the status and the id. */
export type RefusalCode =
  /** Not a WebSocket handshake, or a wrong one. */
  | "ERR_BAD_HANDSHAKE"
  | "ERR_BAD_PATH"
  /** More header fields than the listener allows. */
  | "ERR_TOO_MANY_HEADERS"
  | "ERR_NO_ROUTE"
  /** The route does not allow the page's origin. */
  | "ERR_ORIGIN"
  /** The client offers none of the subprotocols that the route requires. */
  | "ERR_SUBPROTOCOL"
  /** As many connections are open as the route allows. */
  | "ERR_TOO_MANY_CONNECTIONS"
  /** An `upgrade` hook returned `reject`. */
  | "ERR_REJECTED"
  /** An `upgrade` hook failed. */
  | "ERR_POLICY_FAULT"
  /** The route names a policy of which no version could be loaded. */
  | "ERR_POLICY_UNAVAILABLE"
  /** The server answered something else than 101: its answer is passed on. */
  | "ERR_UPSTREAM_REFUSED"
  /** A bug of the gateway's. */
  | "ERR_INTERNAL"
  /** The gateway is stopping. */
  | "ERR_STOPPING"
  | UpstreamErrorCode;

/** The status for each code, where the refusal does not bring its own. */
export const refusalStatus = {
  ERR_BAD_HANDSHAKE: 400,
  ERR_BAD_PATH: 400,
  ERR_TOO_MANY_HEADERS: 431,
  ERR_NO_ROUTE: 404,
  ERR_ORIGIN: 403,
  ERR_SUBPROTOCOL: 400,
  ERR_TOO_MANY_CONNECTIONS: 429,
  ERR_REJECTED: 403,
  ERR_POLICY_FAULT: 500,
  ERR_POLICY_UNAVAILABLE: 503,
  ERR_UPSTREAM_REFUSED: 502,
  ERR_INTERNAL: 500,
  ERR_STOPPING: 503,
  ERR_UPSTREAM_UNREACHABLE: 502,
  ERR_UPSTREAM_CONNECT_TIMEOUT: 504,
  ERR_UPSTREAM_HANDSHAKE_TIMEOUT: 504,
  ERR_UPSTREAM_BAD_HANDSHAKE: 502,
  ERR_UPSTREAM_BUSY: 503,
  ERR_UPSTREAM_NOT_ALLOWED: 500,
  ERR_UPSTREAM_ABORTED: 499,
} as const satisfies Record<RefusalCode, number>;

export interface Refusal {
  readonly code: RefusalCode;
  /** For the log. */
  readonly detail: string;
  readonly status?: number;
  readonly headers?: HeaderFields;
  readonly body?: { readonly bytes: Buffer | string; readonly contentType?: string };
}

/** How long a client may take to receive its answer. */
const answerTimeoutMs = 10_000;

/** What a client that was refused has got. */
export interface RefusalAnswer {
  readonly status: number;
  /** All of them; none where the client had gone. */
  readonly headers: HeaderFields;
}

/** Answer the upgrade with a plain HTTP response and close. */
export function refuse(
  socket: Duplex,
  refusal: Refusal,
  id: string,
  timeoutMs = answerTimeoutMs,
): RefusalAnswer {
  const status = refusal.status ?? refusalStatus[refusal.code];
  if (socket.destroyed) return { status, headers: [] };
  const phrase = STATUS_CODES[status] ?? "";
  const body = refusal.body ?? {
    bytes: `${status} ${phrase}\nid: ${id}\n`,
    contentType: "text/plain; charset=utf-8",
  };
  const bytes = Buffer.from(body.bytes as string);
  const isBodiless = status === 204 || status === 304;
  const headers: HeaderFields = [
    ...(refusal.headers ?? []),
    ...(body.contentType === undefined ? [] : [["Content-Type", body.contentType] as const]),
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

/** A handshake that is none, with the fields that say what would be one. */
export function badHandshake(status: number, detail: string): Refusal {
  const headers: HeaderFields =
    status === 426
      ? [
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
        ]
      : status === 405
        ? [["Allow", "GET"]]
        : [];
  return { code: "ERR_BAD_HANDSHAKE", detail, status, headers };
}
