/** When a guest is to be entered because a timer of its policy is due. */
export interface WakeTimer {
  /** The guest's: forget what it said before, enter it in so many milliseconds. */
  set(delayMs: number): void;
  stop(): void;
}

/** @param maxDelayMs No hook waits longer. */
export function createWakeTimer(maxDelayMs: number, onDue: () => void): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(delayMs) {
      clearTimeout(timer);
      timer = setTimeout(onDue, Math.max(0, Math.min(delayMs, maxDelayMs)));
    },
    stop: () => clearTimeout(timer),
  };
}
