import type { TestClock } from "../../sandbox/index.ts";

/** The time of a recording, for all policies that it is replayed through, and what their randomness is made of. */
export class ReplayClock implements TestClock {
  readonly loadSeed = 1;
  #now: number;
  #seed = 1;
  /** Policies that have the seed of this event already. */
  readonly #seeded = new Set<string>();
  #tell: ((policy: string) => Promise<number>) | undefined;

  constructor(now: number) {
    this.#now = Math.floor(now);
  }

  now = (): number => this.#now;

  seed = (policy: string): number | undefined => {
    if (this.#seeded.has(policy)) return undefined;
    this.#seeded.add(policy);
    return this.#seed;
  };

  connect(tell: (policy: string) => Promise<number>): void {
    this.#tell = tell;
  }

  /** The next event: each begins with randomness of its own, so that one more call of a policy's changes no other event. */
  begin(time: number, event: number): void {
    this.#now = Math.max(this.#now, Math.floor(time));
    this.#seed = event + 1;
    this.#seeded.clear();
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** Settles when they have the time, with how much they have asked for and wait for. */
  async tell(policies: readonly string[]): Promise<number> {
    const tell = this.#tell;
    if (tell === undefined) return 0;
    const asks = await Promise.all(policies.map((policy) => tell(policy)));
    return asks.reduce((sum, each) => sum + each, 0);
  }
}
