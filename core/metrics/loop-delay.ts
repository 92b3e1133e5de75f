import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop of this process has been. */
export interface LoopDelay {
  read(): { readonly p99Ms: number; readonly maxMs: number };
}

const WINDOW_MS = 15_000;

const RESOLUTION_MS = 20;

/** In the last whole quarter of a minute, or since this was called: the same for all who ask. */
export function watchLoopDelayByWindow(windowMs = WINDOW_MS): LoopDelay {
  const delay = watchLoopDelay();
  let last: ReturnType<LoopDelay["read"]> | undefined;
  setInterval(() => {
    last = delay.read();
  }, windowMs).unref();
  return { read: () => last ?? delay.peek() };
}

/** Since it was last read: for one who asks again and again. */
export function watchLoopDelay(): LoopDelay & { peek: LoopDelay["read"] } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // What it measures is the time from one tick to the next.
  const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const peek = (): ReturnType<LoopDelay["read"]> => ({
    p99Ms: lateness(histogram.percentile(99)),
    maxMs: lateness(histogram.max),
  });
  return {
    peek,
    read() {
      const delay = peek();
      histogram.reset();
      return delay;
    },
  };
}
