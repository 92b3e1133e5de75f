import type { ListenAddress } from "./config/index.ts";

export type GatewayErrorCode =
  /** An address could not be listened on. */
  | "ERR_LISTEN"
  /** A worker did not come up. */
  | "ERR_START";

export class GatewayError extends Error {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "GatewayError";
    this.code = code;
  }
}

/** Words the system's error for the one who chose the address. */
export function listenError(cause: NodeJS.ErrnoException, listeners: readonly ListenAddress[]): GatewayError {
  const where = listeners.map(({ host, port }) => `${host}:${port}`).join(", ");
  switch (cause.code) {
    case "EADDRINUSE":
      return new GatewayError(
        "ERR_LISTEN",
        `cannot listen on ${where}: the port is in use. Stop what uses it, or choose another one with --port`,
        { cause },
      );
    case "EACCES":
      return new GatewayError(
        "ERR_LISTEN",
        `cannot listen on ${where}: not permitted. Ports below 1024 need a privilege`,
        {
          cause,
        },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new GatewayError("ERR_LISTEN", `cannot listen on ${where}: this machine has no such address`, {
        cause,
      });
    default:
      return new GatewayError("ERR_START", `cannot start: ${cause.message}`, { cause });
  }
}
