import { type Lease, MAX_KEYS, type SettleSpendings } from "./rate-book.ts";
import { countIn, type FullAt, isFull, type Refill, takeFrom, waitFor } from "./refill.ts";

interface Entry {
  readonly refill: Refill;
  /** What there is of it over all processes, as far as this one can know: it fills here as it does in the book. */
  fullAt: FullAt;
  /** Let in, and not settled yet: never without `isAsking`. */
  unsettled: number;
  isAsking: boolean;
}

/**
 * What this process may let in by itself, by key. Nobody waits for the book: what is let in is settled afterwards, all of a
 * loop turn at once, and the answer says what there is from then on. A process takes its share of what there is, and presumes
 * that the others take theirs. A key that is not known is full.
 */
export class RateLeases {
  readonly #sharers: number;
  readonly #settle: SettleSpendings;
  readonly #read: () => number;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  #unsent: [key: string, entry: Entry][] = [];

  /** @param sharers processes that spend */
  constructor(sharers: number, settle: SettleSpendings, read: () => number = () => performance.now()) {
    this.#sharers = sharers;
    this.#settle = settle;
    this.#read = read;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Lets one in. @returns 0, or in how many milliseconds there is one again */
  take(key: string, refill: Refill): number {
    const now = this.#read();
    const entry = this.#enter(key, refill, now);
    // A share of what is left is one while there is one: the last goes to whoever comes first.
    if (countIn(entry.fullAt, refill, now) === 0) {
      const waitMs = waitFor(entry.fullAt, refill, now);
      // While it is asked for, nobody knows better than that one comes each `everyMs`.
      return entry.isAsking ? Math.min(waitMs, refill.everyMs) : waitMs;
    }
    entry.fullAt = this.#spend(entry.fullAt, 1, refill, now);
    entry.unsettled++;
    this.#ask(key, entry);
    return 0;
  }

  /** The book says, unasked, that others have spent what there was of these. */
  hear(leases: readonly Lease[]): void {
    const now = this.#read();
    for (const lease of leases) this.#renew(this.#enter(lease.key, lease.refill, now), lease, now);
  }

  #spend(fullAt: FullAt, count: number, refill: Refill, now: number): FullAt {
    return takeFrom(fullAt, count * this.#sharers, refill, now);
  }

  #enter(key: string, refill: Refill, now: number): Entry {
    const entry = this.#entries.get(key) ?? { refill, fullAt: now, unsettled: 0, isAsking: false };
    this.#entries.delete(key);
    this.#makeRoom(now);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Those that are full again are as good as unknown. What one that is forgotten has let in is settled all the same. */
  #makeRoom(now: number): void {
    for (const [key, { fullAt, isAsking }] of this.#entries) {
      if (this.#entries.size < MAX_KEYS && (isAsking || !isFull(fullAt, now))) return;
      this.#entries.delete(key);
    }
  }

  #ask(key: string, entry: Entry): void {
    if (entry.isAsking) return;
    entry.isAsking = true;
    this.#unsent.push([key, entry]);
    if (this.#unsent.length > 1) return;
    setImmediate(() => {
      const unsent = this.#unsent;
      this.#unsent = [];
      const spendings = unsent.map(([key, entry]) => {
        const count = entry.unsettled;
        entry.unsettled = 0;
        return { key, refill: entry.refill, count };
      });
      // The book goes with the supervisor, and this process with it.
      this.#settle(spendings).then((leases) => this.#take(leases, unsent), ignore);
    });
  }

  #take(leases: readonly Lease[], asked: readonly [key: string, entry: Entry][]): void {
    const now = this.#read();
    leases.forEach((lease, index) => {
      const [key, entry] = asked[index] ?? [];
      if (key === undefined || entry === undefined) return;
      entry.isAsking = false;
      this.#renew(entry, lease, now);
      if (entry.unsettled > 0) this.#ask(key, entry);
    });
  }

  #renew(entry: Entry, { fullInMs }: Lease, now: number): void {
    entry.fullAt = this.#spend(now + fullInMs, entry.unsettled, entry.refill, now);
  }
}

function ignore(): void {}
