import { setImmediate as nextTurn } from "node:timers/promises";

/** Long work beside traffic: after each few milliseconds the event loop has its turn. */
export interface TimeSlice {
  /** To be asked often; only a promise when it is time to wait. */
  pause(): Promise<void> | undefined;
  /** Waits for a turn of its own. */
  rest(): Promise<void>;
}

const SLICE_MS = 5;

export function createTimeSlice(): TimeSlice {
  return createTimeSlices()();
}

/** Of all that is worked on side by side only one goes on in each turn of the event loop. */
export function createTimeSlices(): () => TimeSlice {
  let last: Promise<void> = Promise.resolve();
  return () => {
    let end = performance.now() + SLICE_MS;
    return { pause: () => (performance.now() < end ? undefined : rest()), rest };

    async function rest(): Promise<void> {
      last = last.then(() => nextTurn());
      await last;
      end = performance.now() + SLICE_MS;
    }
  };
}

/** Does all steps of a work, and lets others have their turn between them. */
export async function doInSlices<Result>(work: Generator<void, Result>): Promise<Result> {
  const slice = createTimeSlice();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    const pause = slice.pause();
    if (pause !== undefined) await pause;
  }
}
