import { type Lease, MAX_KEYS, type SettleSpendings } from "./rate-book.ts";
import type { Refill } from "./refill.ts";

interface Entry {
  readonly refill: Refill;
  /** What may be let in without another word. */
  count: number;
  /** Once there is nothing: when there is one again. */
  readyAt: number;
  /** Let in, and not settled yet. */
  unsettled: number;
  isAsking: boolean;
  /** When nothing of it matters any more. */
  staleAt: number;
}

/**
 * What this process may let in by itself, by key. Nobody waits for the book: what is let in is settled afterwards, all of a
 * loop turn at once, and the answer says what there is from then on. A key that is not known begins with this process's share.
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
    if (entry.count === 0 && !entry.isAsking && now >= entry.readyAt) entry.count = 1;
    // While it is asked for, nobody knows better than that one comes each `everyMs`.
    if (entry.count === 0) return entry.readyAt > now ? entry.readyAt - now : refill.everyMs;
    entry.count--;
    entry.unsettled++;
    this.#ask(key, entry);
    return 0;
  }

  /** The book says, unasked, that others have spent what there was of these. */
  hear(leases: readonly Lease[]): void {
    const now = this.#read();
    for (const lease of leases) renew(this.#enter(lease.key, lease.refill, now), lease, now);
  }

  #enter(key: string, refill: Refill, now: number): Entry {
    const known = this.#entries.get(key);
    const entry =
      known !== undefined && (known.isAsking || known.staleAt > now) ? known : this.#begin(refill, now);
    entry.staleAt = Math.max(entry.staleAt, now + refill.most * refill.everyMs);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#makeRoom(now);
    return entry;
  }

  #begin(refill: Refill, now: number): Entry {
    const count = Math.ceil(refill.most / this.#sharers);
    return { refill, count, readyAt: now, unsettled: 0, isAsking: false, staleAt: now };
  }

  #makeRoom(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= MAX_KEYS && entry.staleAt > now) return;
      this.#entries.delete(key);
      if (entry.unsettled > 0) this.#ask(key, entry);
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
      renew(entry, lease, now);
      if (entry.unsettled > 0) this.#ask(key, entry);
    });
  }
}

function renew(entry: Entry, { count, waitMs }: Lease, now: number): void {
  const { refill } = entry;
  entry.count = Math.max(0, count - entry.unsettled);
  entry.readyAt = now + waitMs;
  entry.staleAt = Math.max(entry.staleAt, now + waitMs + refill.most * refill.everyMs);
}

function ignore(): void {}
