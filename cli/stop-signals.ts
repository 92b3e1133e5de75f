import type { Logger } from "../core/log.ts";

/** With the exit code that a shell expects. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Under npm one Ctrl-C is two signals: the terminal tells its whole group, and npm tells its child once more. */
const ONE_PRESS_MS = 500;

/** Resolves with the first signal to stop; one that is not of the same press ends the process. */
export function listenForStop(logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        const now = performance.now();
        firstAt ??= now;
        if (isSamePress(now - firstAt)) return resolve(signal);
        logger.warn({ signal }, "stopped at once, open sessions are cut off");
        process.exit(EXIT_CODES[signal]);
      });
    }
  });
}

/** @param elapsedMs since the first signal */
export function isSamePress(elapsedMs: number): boolean {
  return elapsedMs < ONE_PRESS_MS;
}
