import { keepAlive } from "./keep-alive.ts";

/** The time of one policy. It stands still until it is moved. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Let time pass. Settles when the timers that were due by then have run. */
  advance(ms: number): Promise<void>;
}

/** Clocks by the name that a policy goes by in its host. */
export class Clocks {
  readonly #times = new Map<string, number>();
  #tell: ((policy: string) => Promise<unknown>) | undefined;

  now = (policy: string): number => this.#times.get(policy) ?? Date.now();

  connect(tell: (policy: string) => Promise<unknown>): void {
    this.#tell = tell;
  }

  open(policy: string, start: number): Clock {
    const times = this.#times;
    let now = start;
    times.set(policy, now);
    return {
      get now() {
        return now;
      },
      advance: async (ms) => {
        if (!(ms >= 0)) throw new RangeError(`Expected milliseconds to advance by, 0 or more, got ${ms}.`);
        now += ms;
        times.set(policy, now);
        if (this.#tell) await keepAlive(this.#tell(policy));
      },
    };
  }
}
