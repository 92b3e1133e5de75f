import type { Socket } from "node:net";
import type { GoneSignal } from "../../net/gone-signal.ts";
import type { Target } from "../../net/target.ts";
import { UpstreamError } from "./errors.ts";
import { nextStep, type UpstreamLabel } from "./next-step.ts";

/** What a socket to a server is given to bring something about. */
export interface SocketPatience {
  readonly target: Target;
  readonly upstream: UpstreamLabel;
  /** 0: unlimited. */
  readonly limitMs: number;
  /** Aborts when the client has gone. */
  readonly signal: GoneSignal;
  /** What it is to have waited for longer. */
  late(): UpstreamError;
}

export interface SocketWait<Result> {
  done(result: Result): void;
  fail(error: UpstreamError): void;
}

/** By the name of its event. */
type SocketListeners = Readonly<Record<string, (bytes: Buffer) => void>>;

/**
 * Wait until listeners of a socket have what they wait for. An error of the socket, the limit or a client that goes ends
 * it too. Whichever way, no listener is left; and where it failed, no socket.
 *
 * @throws UpstreamError
 */
export function waitForSocket<Result>(
  socket: Socket,
  { target, upstream, limitMs, signal, late }: SocketPatience,
  listenersOf: (wait: SocketWait<Result>) => SocketListeners,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const listeners = Object.entries(listenersOf({ done, fail }));
    const timer = limitMs === 0 ? undefined : setTimeout(onTimeout, limitMs);
    for (const [event, listener] of listeners) socket.on(event, listener);
    socket.on("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();

    function onTimeout(): void {
      fail(late());
    }

    function onError(cause: Error): void {
      if (cause instanceof UpstreamError) return fail(cause);
      const step = nextStep(cause, target, upstream);
      const detail = `${target.url}: ${describe(cause)}${step === "" ? "" : `; ${step}`}`;
      fail(new UpstreamError("ERR_UPSTREAM_UNREACHABLE", detail, { cause }));
    }

    function onAbort(): void {
      fail(new UpstreamError("ERR_UPSTREAM_ABORTED", `${target.url}: the client has gone`));
    }

    function done(result: Result): void {
      detach();
      resolve(result);
    }

    function fail(error: UpstreamError): void {
      detach();
      socket.destroy();
      reject(error);
    }

    function detach(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      for (const [event, listener] of listeners) socket.off(event, listener);
      socket.off("error", onError);
    }
  });
}

/** What Node advises is for who starts it; the next step is told in the config's words. */
const NODE_ADVICE = /; if the root CA is installed locally, .*$/;

/** A host with several addresses fails with one error for each. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each: Error) => each.message).join("; ");
  }
  return error.message.replace(NODE_ADVICE, "");
}
