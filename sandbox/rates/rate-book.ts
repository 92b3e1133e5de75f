import { type Claim, LEASED_SHARE, type Lease, type TakeRate } from "./claim.ts";
import { countIn, type FullAt, isFull, takeFrom, waitFor } from "./refill.ts";

/**
 * The one book of rates, in memory: how much of each key's is left. What it has leased is gone from it, so that it is never
 * overdrawn, however many ask.
 */
export class RateBook {
  readonly #read: () => number;
  /** By space. In the order in which they were last asked for. Those that are full again are as good as unknown. */
  readonly #spaces = new Map<string, Map<string, FullAt>>();
  #forgotten = 0;

  constructor(read: () => number = () => performance.now()) {
    this.#read = read;
  }

  get size(): number {
    let size = 0;
    for (const keys of this.#spaces.values()) size += keys.size;
    return size;
  }

  /** Keys that were forgotten before they were full again, for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  lease({ space, key, refill, count, ahead }: Claim): Lease {
    const now = this.#read();
    const keys = this.#keysOf(space);
    const fullAt = keys.get(key) ?? now;
    const left = countIn(fullAt, refill, now);
    const spent = Math.min(count, left);
    const leased = spent < count ? 0 : Math.min(ahead, Math.floor((left - spent) * LEASED_SHARE));
    const next = takeFrom(fullAt, spent + leased, refill, now);
    keys.delete(key);
    if (!isFull(next, now)) keys.set(key, next);
    this.#makeRoom(keys, now);
    const granted = Math.max(0, spent + leased);
    return { granted, left: countIn(next, refill, now), waitMs: waitFor(next, refill, now) };
  }

  #keysOf(space: string): Map<string, FullAt> {
    const keys = this.#spaces.get(space) ?? new Map<string, FullAt>();
    this.#spaces.set(space, keys);
    return keys;
  }

  #makeRoom(keys: Map<string, FullAt>, now: number): void {
    for (const [key, fullAt] of keys) {
      const isOver = keys.size > MAX_KEYS;
      if (!isOver && !isFull(fullAt, now)) return;
      if (!isFull(fullAt, now)) this.#forgotten++;
      keys.delete(key);
    }
  }
}

/** Of a book of its own, which nobody else spends of. */
export function takeFromMemory(read?: () => number): TakeRate {
  const book = new RateBook(read);
  return (of) => book.lease({ ...of, count: 1, ahead: 0 });
}

/** Of a space: clients that come under ever new keys must not fill the memory. */
export const MAX_KEYS = 100_000;
