import { machineNow } from "../machine-clock.ts";

/** Runs one thing at a time, and gives each of those who wait its turn, however much the others want. */
export interface Turns {
  open(): Line;
}

/**
 * Of one of those who wait. Rejects in place of running when the deadline, a time of the machine's clock, has passed
 * meanwhile.
 */
export type Line = <T>(deadline: number, run: () => Promise<T>, tooLate: () => Error) => Promise<T>;

export function createTurns(now: () => number = machineNow): Turns {
  /** The next one first. */
  const waiting = new Map<object, (() => Promise<void>)[]>();
  let isBusy = false;

  async function work(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    for (;;) {
      const [next] = waiting;
      if (next === undefined) break;
      const [owner, jobs] = next;
      const job = jobs.shift() as () => Promise<void>;
      waiting.delete(owner);
      if (jobs.length > 0) waiting.set(owner, jobs);
      await job();
    }
    isBusy = false;
  }

  return {
    open() {
      const owner = {};
      return (deadline, run, tooLate) =>
        new Promise((resolve, reject) => {
          const jobs = waiting.get(owner) ?? [];
          jobs.push(async () => {
            if (now() >= deadline) return reject(tooLate());
            await run().then(resolve, reject);
          });
          waiting.set(owner, jobs);
          void work();
        });
    },
  };
}
