import { type Account, openAccount, type Settlement } from "./account.ts";
import type { Settlements } from "./settlements.ts";
import type { Level } from "./token-bucket.ts";

/**
 * How full the buckets are that several let in by, of all of them. What they have let in cannot be taken back, so a bucket may
 * be overdrawn: that comes off what is next. A machine of a fleet settles with the fleet's book in its turn.
 */
export class BucketBook {
  readonly #store: Settlements | undefined;
  readonly #read: () => number;
  /** In the order in which they were last told of. Those that are full again are as good as unknown. */
  readonly #accounts = new Map<string, Account>();
  #forgotten = 0;

  /** @param store of all machines */
  constructor(store?: Settlements, read: () => number = () => performance.now()) {
    this.#store = store;
    this.#read = read;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Keys that were forgotten before they were full again, for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  settle({ key, limit, messages, bytes }: Settlement): Level {
    const now = this.#read();
    const account = this.#accounts.get(key) ?? openAccount(key, limit, now);
    account.bucket.take(now, messages, bytes);
    account.bucket.forgive(MOST_OVERDRAWN);
    this.#store?.add(account, messages, bytes);
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    this.#makeRoom(now);
    return account.bucket.level(now);
  }

  #makeRoom(now: number): void {
    for (const [key, { bucket }] of this.#accounts) {
      const isFull = bucket.refillMs(now) === 0;
      if (this.#accounts.size <= MAX_BUCKETS && !isFull) return;
      if (!isFull) this.#forgotten++;
      this.#accounts.delete(key);
    }
  }
}

/** Clients that come under ever new keys must not fill the memory. */
const MAX_BUCKETS = 100_000;

/** So many buckets may have been let in too much: by more processes than that at one moment, the rest is forgiven. */
export const MOST_OVERDRAWN = 100;
