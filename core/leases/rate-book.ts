import { countIn, type FullAt, isFull, type Refill, takeFrom } from "./refill.ts";

/** What one process has let in for a key since it last said so. */
export interface Spending {
  readonly key: string;
  readonly refill: Refill;
  readonly count: number;
}

/** What there is of the key over all processes. */
export interface Lease {
  readonly key: string;
  readonly refill: Refill;
  /** Until it is as full as it can be. A time from now on: each process has a clock of its own. */
  readonly fullInMs: number;
}

/** Where what has been spent is settled: here, or in the supervisor. A lease for each, in their order. */
export type SettleSpendings = (spendings: readonly Spending[]) => Promise<readonly Lease[]>;

/**
 * The one book of rates: how much of each key's is left over all processes. They spend first and settle then, so one that several
 * meet in the same moment may be overdrawn; that comes off what is next.
 */
export class RateBook {
  readonly #onEmpty: (leases: readonly Lease[]) => void;
  readonly #read: () => number;
  /** In the order in which they were last spent of. Those that are full again are as good as unknown. */
  readonly #keys = new Map<string, FullAt>();
  #forgotten = 0;

  /**
   * @param onEmpty nothing is left of these: for all of them to know
   */
  constructor(onEmpty: (leases: readonly Lease[]) => void, read: () => number = () => performance.now()) {
    this.#onEmpty = onEmpty;
    this.#read = read;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Keys that were forgotten before they were full again, for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  settle(spendings: readonly Spending[]): readonly Lease[] {
    const now = this.#read();
    const empty: Lease[] = [];
    const leases = spendings.map(({ key, refill, count }) => {
      const fullAt = takeFrom(this.#keys.get(key) ?? now, count, refill, now);
      this.#keys.delete(key);
      this.#keys.set(key, fullAt);
      const lease = { key, refill, fullInMs: fullAt - now };
      if (countIn(fullAt, refill, now) === 0) empty.push(lease);
      return lease;
    });
    if (empty.length > 0) this.#onEmpty(empty);
    this.#makeRoom(now);
    return leases;
  }

  #makeRoom(now: number): void {
    for (const [key, fullAt] of this.#keys) {
      const isOver = this.#keys.size > MAX_KEYS;
      if (!isOver && !isFull(fullAt, now)) return;
      if (!isFull(fullAt, now)) this.#forgotten++;
      this.#keys.delete(key);
    }
  }
}

/** Clients that come under ever new keys must not fill the memory. */
export const MAX_KEYS = 100_000;
