/** What the guest's deadlines and timers go by, in milliseconds. It never goes back, whatever `Date` does. */
export interface GuestClock {
  now(): number;
  /** A time that is so many milliseconds away, or a little more. */
  after(ms: number): number;
  /** The same moment on the machine's clock, for the host. */
  toMachine(time: number): number;
}

/** Follows the machine's clock, which the guest hears of at each entry only. */
export interface EntryClock extends GuestClock {
  /** An entry has begun at this time of the machine's. */
  enter(at: number): void;
}

/** The time of a test: it stands still until the host says otherwise. */
export interface StoppedClock extends GuestClock {
  set(now: number): void;
}

/** Between two looks within one entry `Date` has been set, rather than gone on, when it is further than this. */
const MAX_STEP_MS = 1000;

/**
 * Within an entry, which takes milliseconds, `Date` tells how far it has come. Where somebody sets it just then, the
 * clock is wrong by `MAX_STEP_MS` at most until the next entry.
 *
 * @param readDate `Date.now`, as it was before anything could replace it
 */
export function createEntryClock(readDate: () => number = Date.now): EntryClock {
  let time = 0;
  let lastDate = readDate();

  function now(): number {
    const date = readDate();
    if (date > lastDate) time += Math.min(date - lastDate, MAX_STEP_MS);
    lastDate = date;
    return time;
  }

  return {
    enter(at) {
      time = Math.max(time, at);
      lastDate = readDate();
    },
    now,
    // `Date` tells whole milliseconds: `now` may be one behind.
    after: (ms) => now() + ms + 1,
    toMachine: (time) => time,
  };
}

/** Let `Date` follow a clock that the host sets. Only a sandbox that was made for tests ever calls this. */
export function installTestClock(start: number, real: EntryClock): StoppedClock {
  const RealDate = Date;
  let now = start;
  const clock: StoppedClock = {
    now: () => now,
    after: (ms) => now + ms,
    // The host's time goes on where that of a test stands still.
    toMachine: (time) => real.now() + time - now,
    set(next) {
      now = Math.max(now, next);
    },
  };
  function TestDate(...args: unknown[]): unknown {
    if (!new.target) return new RealDate(now).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now] : args, new.target);
  }
  for (const [key, value] of Object.entries({
    prototype: RealDate.prototype,
    parse: RealDate.parse,
    UTC: RealDate.UTC,
    now: () => now,
  })) {
    Reflect.defineProperty(TestDate, key, {
      value,
      writable: key !== "prototype",
      enumerable: false,
      configurable: key !== "prototype",
    });
  }
  Reflect.defineProperty(TestDate, "name", { value: "Date" });
  Reflect.defineProperty(TestDate, "length", { value: 7 });
  Reflect.defineProperty(RealDate.prototype, "constructor", {
    value: TestDate,
    writable: true,
    configurable: true,
  });
  Reflect.defineProperty(globalThis, "Date", { value: TestDate, writable: true, configurable: true });
  return clock;
}
