import { countIn, type FullAt, isFull, type Refill, takeFrom, waitFor } from "./refill.ts";

/** What one process has let in for a key since it last said so. */
export interface Spending {
  readonly key: string;
  readonly refill: Refill;
  readonly count: number;
}

/** What that process may let in for the key by itself. */
export interface Lease {
  readonly key: string;
  readonly refill: Refill;
  readonly count: number;
  /** Until there is one more for it, where `count` is 0. */
  readonly waitMs: number;
}

/** Where what has been spent is settled: here, or in the supervisor. A lease for each, in their order. */
export type SettleSpendings = (spendings: readonly Spending[]) => Promise<readonly Lease[]>;

/**
 * The one book of rates: how much of each key's is left over all processes. They spend first and settle then, so one that several
 * meet in the same moment may be overdrawn; that comes off what is next.
 */
export class RateBook {
  readonly #sharers: number;
  readonly #onEmpty: (leases: readonly Lease[]) => void;
  readonly #read: () => number;
  /** In the order in which they were last spent of. Those that are full again are as good as unknown. */
  readonly #keys = new Map<string, FullAt>();
  #forgotten = 0;

  /**
   * @param sharers processes that spend
   * @param onEmpty nothing is left of these: for all of them to know
   */
  constructor(
    sharers: number,
    onEmpty: (leases: readonly Lease[]) => void,
    read: () => number = () => performance.now(),
  ) {
    this.#sharers = sharers;
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
    const leases = spendings.map(({ key, refill, count }) => {
      const fullAt = takeFrom(this.#keys.get(key) ?? now, count, refill, now);
      this.#keys.delete(key);
      this.#keys.set(key, fullAt);
      const left = Math.ceil(countIn(fullAt, refill, now) / this.#sharers);
      return { key, refill, count: left, waitMs: waitFor(fullAt, refill, now) };
    });
    const empty = leases.filter(({ count }) => count === 0);
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
