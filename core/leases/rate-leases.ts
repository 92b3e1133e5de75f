import {
  type AskBook,
  type Claim,
  LEASE_MS,
  LEASED_SHARE,
  type Lease,
  MAX_KEYS,
  type RateKey,
} from "../../sandbox/index.ts";
import { LeaseLots, type Lot } from "./lease-lots.ts";
import { Spending } from "./spending.ts";

interface Entry {
  readonly of: RateKey;
  readonly lots: LeaseLots;
  /** Those whose turn comes with the book's answer, in their order. */
  readonly waiting: { readonly claim: Wanted; resolve(lease: Lease): void }[];
  /** So many of these are in the question that is on its way; undefined: there is none. */
  asked: number | undefined;
  /** The book has said that there is none before. */
  emptyUntil: number;
  /** Until then what it has said is believed: it may be another book's word before, of a fleet whose store is back. */
  askAgainAt: number;
  /** What the book had, when it last said so. */
  left: number;
  /** When it was last taken from. */
  usedAt: number;
  /** What was let in of it in the last tenth of a second or two. */
  readonly spending: Spending;
}

/** About all that wait when it is sent. */
interface Question {
  readonly entry: Entry;
  readonly ahead: number;
}

/** `leasesAhead`: what is taken again and again is leased ahead; otherwise the book is asked each time. */
type Wanted = Pick<Claim, "count" | "ahead"> & { readonly leasesAhead: boolean };

/**
 * What may be spent here without asking the book again, by key. Nothing is spent that the book has not given: what is not
 * here is asked for, all of a loop turn at once. Of a key that is taken from again and again a tenth of a second's worth is
 * leased ahead, and before that runs out the next; what of it is not spent in time goes back.
 */
export class RateLeases {
  readonly #askBook: AskBook;
  readonly #read: () => number;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  /** That is on its way into the past, the one that ends first at the beginning. */
  readonly #lots = new Map<Lot, RateKey>();
  #timer: NodeJS.Timeout | undefined;
  #unsent: (Question | Claim)[] = [];

  constructor(askBook: AskBook, read: () => number = () => performance.now()) {
    this.#askBook = askBook;
    this.#read = read;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** One of the key's: a promise only where the book has to be asked. */
  take(of: RateKey, leasesAhead: boolean): Lease | Promise<Lease> {
    return this.#want(of, { count: 1, ahead: 0, leasesAhead });
  }

  /** As a book for others, who may lease ahead of what has been leased here. */
  claim(claim: Claim): Lease | Promise<Lease> {
    if (claim.count < 0) {
      this.#send(claim);
      return NOTHING;
    }
    return this.#want(claim, { count: claim.count, ahead: claim.ahead, leasesAhead: true });
  }

  /** Gives back what was not spent in time. */
  lapse(): void {
    const now = this.#read();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [lot, of] of this.#lots) {
      if (lot.until >= now) {
        this.#timer = setTimeout(() => this.lapse(), lot.until - now + 1).unref();
        return;
      }
      this.#lots.delete(lot);
      if (lot.count > 0) this.#send({ ...of, count: -lot.count, ahead: 0 });
      lot.count = 0;
    }
  }

  #want(of: RateKey, wanted: Wanted): Lease | Promise<Lease> {
    const now = this.#read();
    const entry = this.#enter(of, now);
    const lease = entry.waiting.length === 0 ? this.#serve(entry, wanted, now) : undefined;
    const isBusy = now - entry.usedAt < LEASE_MS;
    entry.usedAt = now;
    const ahead = wanted.leasesAhead && isBusy ? Math.min(aheadOf(of), entry.spending.recent(now)) : 0;
    if (lease === undefined) {
      return new Promise((resolve) => {
        entry.waiting.push({ claim: wanted, resolve });
        this.#ask(entry, ahead);
      });
    }
    if (ahead > 0 && now >= entry.askAgainAt && entry.lots.count(now) < ahead / 2) this.#ask(entry, ahead);
    return lease;
  }

  /** @returns undefined when the book has to say, unless it just has */
  #serve(
    { lots, spending, emptyUntil, askAgainAt, left }: Entry,
    { count, ahead }: Wanted,
    now: number,
    isTold = false,
  ): Lease | undefined {
    const here = lots.count(now);
    if (!isTold && here < Math.max(count, 1) && now >= askAgainAt) return undefined;
    const spent = Math.min(count, here);
    const leased = Math.min(ahead, Math.floor((here - spent) * LEASED_SHARE));
    const granted = spent + leased;
    lots.spend(granted, now);
    spending.add(granted, now);
    return { granted, left: here - granted + left, waitMs: Math.max(0, emptyUntil - now) };
  }

  #ask(entry: Entry, ahead: number): void {
    if (entry.asked !== undefined) return;
    entry.asked = 0;
    this.#send({ entry, ahead });
  }

  #send(question: Question | Claim): void {
    this.#unsent.push(question);
    if (this.#unsent.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const questions = this.#unsent;
    this.#unsent = [];
    const at = this.#read();
    const claims = questions.map((question) => ("entry" in question ? claimOf(question) : question));
    const hear = (leases: readonly Lease[]) =>
      questions.forEach((question, index) => {
        if ("entry" in question) this.#hear(question.entry, leases[index] ?? NOTHING, at);
      });
    // Whoever keeps the book has gone: nobody knows what there is.
    this.#askBook(claims).then(hear, () => hear([]));
  }

  #hear(entry: Entry, lease: Lease, at: number): void {
    const now = this.#read();
    const told = entry.waiting.splice(0, entry.asked);
    entry.asked = undefined;
    entry.left = lease.left;
    if (lease.granted < countOf(told)) {
      entry.emptyUntil = now + lease.waitMs;
      entry.askAgainAt = now + Math.min(lease.waitMs, BELIEVED_MS);
    }
    // What comes too late is for those who wait for it.
    if (lease.granted > 0) this.#keep(entry, { count: lease.granted, until: Math.max(at + LEASE_MS, now) });
    for (const { claim, resolve } of told) resolve(this.#serve(entry, claim, now, true) ?? NOTHING);
    while (entry.waiting[0] !== undefined) {
      const served = this.#serve(entry, entry.waiting[0].claim, now);
      if (served === undefined) return this.#ask(entry, 0);
      entry.waiting.shift()?.resolve(served);
    }
  }

  #keep(entry: Entry, lot: Lot): void {
    entry.lots.add(lot);
    this.#lots.set(lot, entry.of);
    this.#timer ??= setTimeout(() => this.lapse(), LEASE_MS + 1).unref();
  }

  #enter(of: RateKey, now: number): Entry {
    const id = `${of.space} ${of.key}`;
    const entry = this.#entries.get(id) ?? newEntry(of);
    this.#entries.delete(id);
    this.#makeRoom(now);
    this.#entries.set(id, entry);
    return entry;
  }

  /** What is forgotten is asked for when it is needed again; what was leased of it goes back when its time is over. */
  #makeRoom(now: number): void {
    for (const [id, entry] of this.#entries) {
      const isIdle = entry.asked === undefined && now - entry.usedAt > LEASE_MS && now >= entry.askAgainAt;
      if (this.#entries.size < MAX_KEYS && !isIdle) return;
      this.#entries.delete(id);
    }
  }
}

/** As it is sent: who comes later waits for the next. */
function claimOf({ entry, ahead }: Question): Claim {
  entry.asked = entry.waiting.length;
  return { ...entry.of, count: countOf(entry.waiting), ahead };
}

function countOf(waiting: Entry["waiting"]): number {
  return waiting.reduce((sum, { claim }) => sum + claim.count, 0);
}

/** A tenth of a second's worth. */
function aheadOf({ refill: { most, everyMs } }: RateKey): number {
  return Math.min(most, Math.floor(LEASE_MS / everyMs));
}

function newEntry(of: RateKey): Entry {
  return {
    of,
    lots: new LeaseLots(),
    waiting: [],
    asked: undefined,
    emptyUntil: Number.NEGATIVE_INFINITY,
    askAgainAt: Number.NEGATIVE_INFINITY,
    left: 0,
    usedAt: Number.NEGATIVE_INFINITY,
    spending: new Spending(),
  };
}

const BELIEVED_MS = 1_000;

/** For want of an answer. */
const NOTHING: Lease = { granted: 0, left: 0, waitMs: LEASE_MS };
