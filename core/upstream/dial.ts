import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { UpstreamError } from "./errors.ts";
import { findHeadEnd, maxHeadBytes, parseResponseHead, type ResponseHead } from "./response-head.ts";
import type { Target } from "./target.ts";

export interface DialOptions {
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
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

export interface Dialled {
  /** Paused, with no listeners of ours left. */
  readonly socket: Socket;
  readonly head: ResponseHead;
  /** What came behind the head in the same bytes. */
  readonly rest: Buffer;
}

/**
 * Connect, send the request head and read the response head. Written by hand over the socket: `http.request` costs
 * twice the time and memory per connection.
 *
 * @param request the whole request head, as it goes on the wire
 * @throws UpstreamError
 */
export function dial(target: Target, request: string, options: DialOptions): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const { transport = {}, tunnel } = options;
    const socket = open(target, transport, tunnel);
    let received: Buffer = Buffer.alloc(0);
    let timer = startTimer("ERR_UPSTREAM_CONNECT_TIMEOUT", options.connectTimeoutMs, "connection");

    socket.setNoDelay(true);
    if (socket === tunnel) {
      onConnect();
      socket.resume();
    } else {
      socket.once(target.tls ? "secureConnect" : "connect", onConnect);
    }
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("end", onEnd);
    options.signal.addEventListener("abort", onAbort, { once: true });
    if (options.signal.aborted) onAbort();

    function startTimer(
      code: "ERR_UPSTREAM_CONNECT_TIMEOUT" | "ERR_UPSTREAM_HANDSHAKE_TIMEOUT",
      ms: number,
      what: string,
    ) {
      if (ms === 0) return undefined;
      return setTimeout(() => fail(new UpstreamError(code, `${target.url}: no ${what} within ${ms} ms`)), ms);
    }

    function onConnect(): void {
      clearTimeout(timer);
      timer = startTimer(
        "ERR_UPSTREAM_HANDSHAKE_TIMEOUT",
        options.handshakeTimeoutMs,
        "answer to the upgrade",
      );
      socket.write(request, "latin1");
    }

    function onData(chunk: Buffer): void {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = findHeadEnd(received);
      if (end === -1) {
        if (received.length > maxHeadBytes) fail(badHandshake("the response head is too large"));
        return;
      }
      const head = parseResponseHead(received.toString("latin1", 0, end - 4));
      if (head === undefined) return fail(badHandshake("the answer is not an HTTP response"));
      // 1xx other than 101 are interim: the answer comes behind them (RFC 9110 section 15.2).
      if (head.status >= 100 && head.status < 200 && head.status !== 101) {
        const rest = received.subarray(end);
        received = Buffer.alloc(0);
        if (rest.length > 0) onData(rest);
        return;
      }
      detach();
      socket.pause();
      resolve({ socket, head, rest: received.subarray(end) });
    }

    function onError(cause: Error): void {
      fail(new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `${target.url}: ${describe(cause)}`, { cause }));
    }

    function onEnd(): void {
      fail(badHandshake("the connection ended before an answer"));
    }

    function onAbort(): void {
      fail(new UpstreamError("ERR_UPSTREAM_ABORTED", `${target.url}: the client has gone`));
    }

    function badHandshake(what: string): UpstreamError {
      return new UpstreamError("ERR_UPSTREAM_BAD_HANDSHAKE", `${target.url}: ${what}`);
    }

    function fail(error: UpstreamError): void {
      detach();
      socket.destroy();
      reject(error);
    }

    function detach(): void {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("end", onEnd);
    }
  });
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
