import { STATUS_CODES } from "node:http";
import type { HeaderFields } from "../net/headers.ts";
import { UpstreamError, type UpstreamErrorCode } from "../upstream/dial/errors.ts";

/** Why a request did not get what it asked for. The log has the detail, the client only the status and the id. */
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
  /** More upgrades have come than the route's rate allows. */
  | "ERR_TOO_MANY_UPGRADES"
  /** An `upgrade` or `unavailable` hook returned `reject`. */
  | "ERR_REJECTED"
  /** An `upgrade` hook failed. */
  | "ERR_POLICY_FAULT"
  /** The route names a policy of which no version could be loaded. */
  | "ERR_POLICY_UNAVAILABLE"
  /** The server answered something else than 101: its answer is passed on. */
  | "ERR_UPSTREAM_REFUSED"
  /** A bug of the gateway's. */
  | "ERR_INTERNAL"
  /** An operator drains the route. */
  | "ERR_DRAINED"
  /** The gateway is stopping. */
  | "ERR_STOPPING"
  | UpstreamErrorCode;

/** The status for each code, where the refusal does not bring its own. */
export const REFUSAL_STATUS = {
  ERR_BAD_HANDSHAKE: 400,
  ERR_BAD_PATH: 400,
  ERR_TOO_MANY_HEADERS: 431,
  ERR_NO_ROUTE: 404,
  ERR_ORIGIN: 403,
  ERR_SUBPROTOCOL: 400,
  ERR_TOO_MANY_CONNECTIONS: 429,
  ERR_TOO_MANY_UPGRADES: 429,
  ERR_REJECTED: 403,
  ERR_POLICY_FAULT: 500,
  ERR_POLICY_UNAVAILABLE: 503,
  ERR_UPSTREAM_REFUSED: 502,
  ERR_INTERNAL: 500,
  ERR_DRAINED: 503,
  ERR_STOPPING: 503,
  ERR_UPSTREAM_UNREACHABLE: 502,
  ERR_UPSTREAM_CONNECT_TIMEOUT: 504,
  ERR_UPSTREAM_HANDSHAKE_TIMEOUT: 504,
  ERR_UPSTREAM_BAD_HANDSHAKE: 502,
  ERR_UPSTREAM_BUSY: 503,
  ERR_UPSTREAM_DRAINED: 503,
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

/** How a stage says no. */
export interface Refused {
  readonly refusal: Refusal;
}

export function refused(code: RefusalCode, detail: string, headers?: HeaderFields): Refused {
  return { refusal: headers === undefined ? { code, detail } : { code, detail, headers } };
}

/** What became of an exchange whose stage threw. */
export function refusalOfError(cause: unknown): Refusal {
  const code = cause instanceof UpstreamError ? cause.code : "ERR_INTERNAL";
  const headers: HeaderFields = code === "ERR_UPSTREAM_BUSY" ? [["Retry-After", "1"]] : [];
  return { code, detail: cause instanceof Error ? cause.message : String(cause), headers };
}

/** What a client that is refused gets, but for the fields that its connection adds. */
export interface RefusalAnswer {
  readonly status: number;
  readonly phrase: string;
  readonly fields: HeaderFields;
  readonly body: Buffer | string;
}

export function answerOf(refusal: Refusal, id: string): RefusalAnswer {
  const status = refusal.status ?? REFUSAL_STATUS[refusal.code];
  const phrase = STATUS_CODES[status] ?? "";
  const body = refusal.body ?? {
    bytes: `${status} ${phrase}\nid: ${id}\n`,
    contentType: "text/plain; charset=utf-8",
  };
  const fields: HeaderFields = [
    ...(refusal.headers ?? []),
    ...(body.contentType === undefined ? [] : [["Content-Type", body.contentType] as const]),
  ];
  return { status, phrase, fields, body: body.bytes };
}
