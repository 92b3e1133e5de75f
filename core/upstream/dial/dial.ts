import type { Socket } from "node:net";
import type { Target } from "../../net/target.ts";
import { aborted, type ConnectOptions, connect, unreachable } from "./connect.ts";
import { UpstreamError } from "./errors.ts";
import { findHeadEnd, MAX_HEAD_BYTES, parseResponseHead, type ResponseHead } from "./response-head.ts";

export interface DialOptions extends ConnectOptions {
  /** 0: unlimited. */
  readonly handshakeTimeoutMs: number;
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
export async function dial(target: Target, request: string, options: DialOptions): Promise<Dialled> {
  return shakeHands(await connect(target, options), target, request, options);
}

/** The second half of a dial. @param socket connected */
export function shakeHands(
  socket: Socket,
  target: Target,
  request: string,
  { handshakeTimeoutMs, signal }: Pick<DialOptions, "handshakeTimeoutMs" | "signal">,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const timer = handshakeTimeoutMs === 0 ? undefined : setTimeout(onTimeout, handshakeTimeoutMs);
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("end", onEnd);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) return onAbort();
    socket.write(request, "latin1");
    socket.resume();

    function onTimeout(): void {
      const detail = `${target.url}: no answer to the upgrade within ${handshakeTimeoutMs} ms`;
      fail(new UpstreamError("ERR_UPSTREAM_HANDSHAKE_TIMEOUT", detail));
    }

    function onData(chunk: Buffer): void {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = findHeadEnd(received);
      if (end === -1) {
        if (received.length > MAX_HEAD_BYTES) fail(badHandshake("the response head is too large"));
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
      fail(unreachable(target, cause));
    }

    function onEnd(): void {
      fail(badHandshake("the connection ended before an answer"));
    }

    function onAbort(): void {
      fail(aborted(target));
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
      signal.removeEventListener("abort", onAbort);
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("end", onEnd);
    }
  });
}
