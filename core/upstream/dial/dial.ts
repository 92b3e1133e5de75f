import type { Socket } from "node:net";
import type { Target } from "../../net/target.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { UpstreamError } from "./errors.ts";
import { findHeadEnd, MAX_HEAD_BYTES, parseResponseHead, type ResponseHead } from "./response-head.ts";
import { waitForSocket } from "./socket-wait.ts";

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
  { handshakeTimeoutMs, signal, transport }: Omit<DialOptions, "connectTimeoutMs">,
): Promise<Dialled> {
  const late = (): UpstreamError => {
    const detail = `${target.url}: no answer to the upgrade within ${handshakeTimeoutMs} ms`;
    return new UpstreamError("ERR_UPSTREAM_HANDSHAKE_TIMEOUT", detail);
  };
  const patience = { target, upstream: transport?.upstream, limitMs: handshakeTimeoutMs, signal, late };
  const answered = waitForSocket<Dialled>(socket, patience, ({ done, fail }) => {
    let received: Buffer = Buffer.alloc(0);
    return { data: onData, end: onEnd };

    function onData(chunk: Buffer): void {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = findHeadEnd(received);
      if ((end === -1 ? received.length : end) > MAX_HEAD_BYTES) {
        return fail(badHandshake("the response head is too large"));
      }
      if (end === -1) return;
      const head = parseResponseHead(received.toString("latin1", 0, end - 4));
      if (head === undefined) return fail(badHandshake("the answer is not an HTTP response"));
      // 1xx other than 101 are interim: the answer comes behind them (RFC 9110 section 15.2).
      if (head.status >= 100 && head.status < 200 && head.status !== 101) {
        const rest = received.subarray(end);
        received = Buffer.alloc(0);
        if (rest.length > 0) onData(rest);
        return;
      }
      socket.pause();
      done({ socket, head, rest: received.subarray(end) });
    }

    function onEnd(): void {
      fail(badHandshake("the connection ended before an answer"));
    }
  });
  if (!signal.aborted) {
    socket.write(request, "latin1");
    socket.resume();
  }
  return answered;

  function badHandshake(what: string): UpstreamError {
    return new UpstreamError("ERR_UPSTREAM_BAD_HANDSHAKE", `${target.url}: ${what}`);
  }
}
