/** What `Date` said before anything could replace it: for the guest's own deadlines. */
export const realNow = Date.now;

/** The time of a test: it stands still until the host says otherwise. */
export interface StoppedClock {
  readonly now: number;
  set(now: number): void;
}

/** Let `Date` follow a clock that the host sets. Only a sandbox that was made for tests ever calls this. */
export function installTestClock(start: number): StoppedClock {
  const RealDate = Date;
  let now = start;
  const clock = {
    get now() {
      return now;
    },
    set(next: number) {
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
