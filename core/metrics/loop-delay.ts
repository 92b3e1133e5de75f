import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop of this process has been since it was last asked. */
export interface LoopDelay {
  read(): { readonly p99Ms: number; readonly maxMs: number };
}

const RESOLUTION_MS = 20;

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // What it measures is the time from one tick to the next.
  const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    read() {
      const delay = { p99Ms: lateness(histogram.percentile(99)), maxMs: lateness(histogram.max) };
      histogram.reset();
      return delay;
    },
  };
}
