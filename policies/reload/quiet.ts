/** The clock's part of a quiet time; tests bring their own. */
export interface QuietTimers {
  now(): number;
  set(run: () => void, delayMs: number): unknown;
  clear(timer: unknown): void;
}

export interface QuietOptions {
  /** How long nothing must happen before a run of signals counts as over. */
  readonly quietMs: number;
  /** How long a run of signals may go on unreported. */
  readonly maxWaitMs: number;
  readonly timers?: QuietTimers;
}

export interface Quiet {
  signal(): void;
  /** Forget signals that were not reported yet. */
  cancel(): void;
}

const systemTimers: QuietTimers = {
  now: () => performance.now(),
  set: (run, delayMs) => setTimeout(run, delayMs),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Make one `report` of many signals. The last signal is always followed by a report. */
export function createQuiet(report: () => void, options: QuietOptions): Quiet {
  const { quietMs, maxWaitMs, timers = systemTimers } = options;
  let timer: unknown;
  let firstAt: number | undefined;

  function fire(): void {
    firstAt = undefined;
    report();
  }

  return {
    signal() {
      const now = timers.now();
      firstAt ??= now;
      timers.clear(timer);
      timer = timers.set(fire, Math.max(0, Math.min(quietMs, firstAt + maxWaitMs - now)));
    },
    cancel() {
      firstAt = undefined;
      timers.clear(timer);
    },
  };
}
