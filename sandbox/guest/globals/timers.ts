import type { Scope } from "../asks.ts";
import type { GuestClock } from "../clock.ts";

/** Timers, kept here. The host knows of the next one only. */
export interface Timers {
  /** undefined: it would come after the end of its hook's time, and never comes. */
  set(what: string, delayMs: number, run: () => void): number;
  clear(id: number): void;
  /** Run the first timer that is due, and ask to be woken for the next. */
  runDue(isAnyoneWaiting: boolean): void;
  /** When the first timer is due, on the clock. */
  nextDue(): number | undefined;
}

interface Timer {
  readonly id: number;
  readonly due: number;
  readonly deadline: number;
  readonly run: () => void;
}

const MAX_TIMERS = 16_384;

/** @param wake the host: enter me in so many milliseconds */
export function createTimers(scope: Scope, clock: GuestClock, wake: (delayMs: number) => void): Timers {
  /** The next one last. */
  const timers: Timer[] = [];
  let lastId = 0;
  let wakeAt = Infinity;

  function insert(timer: Timer): void {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((timers[middle] as Timer).due > timer.due) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  }

  function askToBeWoken(): void {
    const next = timers.at(-1);
    if (!next || next.due >= wakeAt) return;
    wakeAt = next.due;
    wake(Math.max(0, next.due - clock.now()));
  }

  return {
    set(what, delayMs, run) {
      const deadline = scope.deadline(what);
      const due = delayMs > 0 ? clock.after(Math.ceil(delayMs)) : clock.now();
      const id = ++lastId;
      if (due >= deadline) return id;
      if (timers.length >= MAX_TIMERS)
        throw new RangeError(`${what}: more than ${MAX_TIMERS} timers at once`);
      insert({ id, due, deadline, run });
      askToBeWoken();
      return id;
    },

    clear(id) {
      const at = timers.findIndex((timer) => timer.id === id);
      if (at >= 0) timers.splice(at, 1);
    },

    nextDue: () => timers.at(-1)?.due,

    runDue(isAnyoneWaiting) {
      wakeAt = Infinity;
      // Of hooks that have settled.
      if (!isAnyoneWaiting) timers.length = 0;
      const next = timers.at(-1);
      if (!next) return;
      const isDue = next.due <= clock.now();
      if (isDue) timers.pop();
      askToBeWoken();
      if (!isDue) return;
      scope.resume(next.deadline);
      next.run();
    },
  };
}

export function timerGlobals(timers: Timers, onError: (error: unknown) => void): object {
  return {
    setTimeout(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
      if (typeof callback !== "function") throw new TypeError("setTimeout: expected a function");
      return timers.set("setTimeout", Number(delay), () => {
        try {
          callback(...args);
        } catch (error) {
          onError(error);
        }
      });
    },
    clearTimeout(id: unknown): void {
      if (typeof id === "number") timers.clear(id);
    },
  };
}
