import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { GoneSignal } from "../../net/gone-signal.ts";
import type { OwnAddresses } from "../../net/own-addresses.ts";
import type { Target } from "../../net/target.ts";
import { UpstreamError } from "./errors.ts";
import type { UpstreamLabel } from "./next-step.ts";
import { guardedLookup } from "./own-guard.ts";
import { waitForSocket } from "./socket-wait.ts";

export interface ConnectOptions {
  /** 0: unlimited. */
  readonly connectTimeoutMs: number;
  /** Aborts when the client has gone. */
  readonly signal: GoneSignal;
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
  readonly proxy?: UpstreamProxy;
  /** Where no connection may lead. */
  readonly own?: OwnAddresses;
  /** The upstream whose servers are reached so. */
  readonly upstream?: UpstreamLabel;
}

/** An HTTP proxy. */
export interface UpstreamProxy {
  readonly url: string;
  /** The upstream that has it for its own. */
  readonly proxyOf: string;
}

/** A socket to write to, with no listeners of ours left; a tunnel is still paused. @throws UpstreamError */
export async function connect(target: Target, options: ConnectOptions): Promise<Socket> {
  const { connectTimeoutMs, signal, transport = {}, tunnel } = options;
  const socket = open(target, transport, tunnel);
  socket.setNoDelay(true);
  if (socket === tunnel) return socket;
  const late = (): UpstreamError => {
    const detail = `${target.url}: no connection within ${connectTimeoutMs} ms`;
    return new UpstreamError("ERR_UPSTREAM_CONNECT_TIMEOUT", detail);
  };
  const patience = { target, upstream: transport.upstream, limitMs: connectTimeoutMs, signal, late };
  return waitForSocket<Socket>(socket, patience, ({ done }): Record<string, () => void> => {
    const connected = (): void => done(socket);
    return target.tls ? { secureConnect: connected } : { connect: connected };
  });
}

function open(target: Target, transport: Transport, tunnel: Socket | undefined): Socket {
  const { tls, own } = transport;
  if (!target.tls && tunnel !== undefined) return tunnel;
  const isDialled = tunnel === undefined && target.socketPath === undefined;
  const blocked = isDialled ? own?.at(target.port) : undefined;
  const lookup = blocked === undefined ? transport.lookup : guardedLookup(target, blocked, transport.lookup);
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

function ignore(): void {}
