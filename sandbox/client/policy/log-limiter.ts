import type { PolicyLogLine } from "../../contract.ts";

const LINES_PER_SECOND = 100;

/** Lets through so many lines a second, then says once how many it did not. */
export interface LogLimiter {
  write(line: PolicyLogLine): void;
  close(): void;
}

export function createLogLimiter(policy: string, emit: (line: PolicyLogLine) => void): LogLimiter {
  let written = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;

  function endSecond(): void {
    timer = undefined;
    if (dropped > 0) {
      const text = `${dropped} more log lines of this policy were dropped: it may write ${LINES_PER_SECOND} a second`;
      emit({ level: "warn", policy, route: "", session: "", text });
    }
    written = dropped = 0;
  }

  return {
    write(line) {
      timer ??= setTimeout(endSecond, 1000).unref();
      if (written < LINES_PER_SECOND) emit(line);
      else dropped++;
      written++;
    },
    close() {
      clearTimeout(timer);
    },
  };
}
