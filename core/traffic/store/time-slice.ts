import { setImmediate as nextTurn } from "node:timers/promises";

/** Long work beside traffic: after each few milliseconds the event loop has its turn. */
export interface TimeSlice {
  /** To be asked often; only a promise when it is time to wait. */
  pause(): Promise<void> | undefined;
}

const SLICE_MS = 5;

export function createTimeSlice(): TimeSlice {
  let end = performance.now() + SLICE_MS;
  return {
    pause() {
      if (performance.now() < end) return undefined;
      return nextTurn().then(() => {
        end = performance.now() + SLICE_MS;
      });
    },
  };
}
