import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { Target } from "../../net/target.ts";
import { UpstreamError } from "./errors.ts";

export interface ConnectOptions {
  /** 0: unlimited. */
  readonly connectTimeoutMs: number;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  readonly transport?: Transport;
  /** A tunnel to the target, paused: nothing is connected then. */
  readonly tunnel?: Socket;
}

/** How an upstream is reached, where that is not as Node does it by itself. */
export interface Transport {
  readonly tls?: {
    readonly secureContext: SecureContext;
    readonly servername: string | undefined;
    readonly verify: boolean;
  };
  readonly lookup?: LookupFunction;
  /** URL of an HTTP proxy. */
  readonly proxy?: string;
}

/** A socket to write to, with no listeners of ours left; a tunnel is still paused. @throws UpstreamError */
export function connect(target: Target, options: ConnectOptions): Promise<Socket> {
  const { connectTimeoutMs, signal, transport = {}, tunnel } = options;
  return new Promise((resolve, reject) => {
    const socket = open(target, transport, tunnel);
    socket.setNoDelay(true);
    if (socket === tunnel) return resolve(socket);
    const event = target.tls ? "secureConnect" : "connect";
    const timer = connectTimeoutMs === 0 ? undefined : setTimeout(onTimeout, connectTimeoutMs);
    socket.on(event, onConnect);
    socket.on("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();

    function onConnect(): void {
      detach();
      resolve(socket);
    }

    function onTimeout(): void {
      const detail = `${target.url}: no connection within ${connectTimeoutMs} ms`;
      fail(new UpstreamError("ERR_UPSTREAM_CONNECT_TIMEOUT", detail));
    }

    function onError(cause: Error): void {
      fail(unreachable(target, cause));
    }

    function onAbort(): void {
      fail(aborted(target));
    }

    function fail(error: UpstreamError): void {
      detach();
      socket.destroy();
      reject(error);
    }

    function detach(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off(event, onConnect);
      socket.off("error", onError);
    }
  });
}

export function unreachable(target: Target, cause: Error): UpstreamError {
  return new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `${target.url}: ${describe(cause)}`, { cause });
}

export function aborted(target: Target): UpstreamError {
  return new UpstreamError("ERR_UPSTREAM_ABORTED", `${target.url}: the client has gone`);
}

function open(target: Target, { tls, lookup }: Transport, tunnel: Socket | undefined): Socket {
  if (!target.tls && tunnel !== undefined) return tunnel;
  const address =
    tunnel !== undefined
      ? { socket: tunnel }
      : target.socketPath !== undefined
        ? { path: target.socketPath, allowHalfOpen: true }
        : { host: target.host, port: target.port, allowHalfOpen: true, ...(lookup && { lookup }) };
  const socket = target.tls
    ? connectTls({
        ...address,
        // Through a tunnel or a Unix socket too, the certificate is checked against the URL's host.
        host: target.host,
        // An address is no server name (RFC 6066 section 3); the certificate is checked against it all the same.
        servername: tls?.servername ?? (isIP(target.host) === 0 ? target.host : ""),
        ALPNProtocols: ["http/1.1"],
        ...(tls && { secureContext: tls.secureContext, rejectUnauthorized: tls.verify }),
      })
    : connectTcp(address as Parameters<typeof connectTcp>[0] & object);
  // An error that comes when nobody looks must not end the process; whoever looks adds a listener.
  socket.on("error", ignore);
  return socket;
}

/** A host with several addresses fails with one error for each. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each: Error) => each.message).join("; ");
  }
  return error.message;
}

function ignore(): void {}
