/** Why a server could not be reached. */
export type UpstreamErrorCode =
  /** Refused, reset, no such host, TLS failure, or a proxy that would not. */
  | "ERR_UPSTREAM_UNREACHABLE"
  /** No connection within connectTimeout. */
  | "ERR_UPSTREAM_CONNECT_TIMEOUT"
  /** Connected, but no whole response within handshakeTimeout. */
  | "ERR_UPSTREAM_HANDSHAKE_TIMEOUT"
  /** The answer is not HTTP, or a 101 that breaks RFC 6455 section 4.1. */
  | "ERR_UPSTREAM_BAD_HANDSHAKE"
  /** Every server has its maxConnections, and the queue is full or the wait was too long. */
  | "ERR_UPSTREAM_BUSY"
  /** An operator drains all its servers. */
  | "ERR_UPSTREAM_DRAINED"
  /** A policy's `connect`, or a redirect, leads where the config does not allow it; or a server is this gateway itself. */
  | "ERR_UPSTREAM_NOT_ALLOWED"
  /** The client has gone meanwhile. */
  | "ERR_UPSTREAM_ABORTED";

export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UpstreamError";
    this.code = code;
  }
}
