import { formatAddress, type NetAddress } from "./net/address.ts";

export type GatewayErrorCode =
  /** An address could not be listened on. */
  | "ERR_LISTEN"
  /** A certificate or key of a listener cannot be used. */
  | "ERR_TLS"
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
export function listenError(cause: NodeJS.ErrnoException, listeners: readonly NetAddress[]): GatewayError {
  // The system's message has the address, if anything has.
  const named = listeners.filter(({ host, port, socket }) =>
    cause.message.includes(socket ?? `${host}:${port}`),
  );
  const where = (named.length > 0 ? named : listeners).map(formatAddress).join(", ");
  if (cause.code === "EADDRINUSE" && named.every(({ socket }) => socket !== undefined) && named.length > 0) {
    const message = `cannot listen on ${where}: the file is there and in use, or no socket. Remove it, or name another`;
    return new GatewayError("ERR_LISTEN", message, { cause });
  }
  switch (cause.code) {
    case "EADDRINUSE":
      return new GatewayError(
        "ERR_LISTEN",
        `cannot listen on ${where}: the port is in use. Stop what uses it, or choose another one with --port, or --console-port for the console`,
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
