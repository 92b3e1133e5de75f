import type { BookNote, HolderNote } from "./cap-notes.ts";
import type { CapStore } from "./cap-store.ts";
import {
  askStore,
  type Cap,
  freeOf,
  isShort,
  lend,
  Member,
  type PlaceAsk,
  recall,
  resize,
} from "./lent-cap.ts";
import { MOST_SPARE } from "./place-leases.ts";
import { isOfFleet } from "./places.ts";
import { StoreLease } from "./store-lease.ts";

/** One that holds places of the book: a worker. */
export interface Holder {
  hear(notes: readonly HolderNote[]): void;
  /** It is no more: all that it had is free. */
  leave(): void;
}

/** A holder gets no more than this part of what is free, divided by how many they are, for nothing. */
const SHARE_OF_FREE = 4;

/**
 * The one book of places below caps. What is free is lent at once; where nothing is, those that may have some to spare are asked
 * for it before anybody is refused. Far from a cap holders get more than they ask for, so that they need not ask each time.
 * What is given back goes to those who wait in line first, in the order in which they came, whichever holder's they are.
 *
 * A cap is what the question says: the book keeps none, so that a new one holds from the next question on.
 */
export class CapBook {
  readonly #store: CapStore | undefined;
  readonly #caps = new Map<string, Cap>();
  readonly #members = new Set<Member>();

  /** @param store of all machines, for those caps that they share */
  constructor(store?: CapStore) {
    this.#store = store;
  }

  /** Keys of which places are lent or wanted. */
  get keys(): number {
    return this.#caps.size;
  }

  /** Places that holders have, those that they have to spare included. */
  get lent(): number {
    let lent = 0;
    for (const cap of this.#caps.values()) lent += cap.lent;
    return lent;
  }

  /** @param tell takes what the book says to this holder, several at a time */
  join(tell: (notes: readonly BookNote[]) => void): Holder {
    const member = new Member(tell);
    this.#members.add(member);
    return {
      hear: (notes) => {
        if (!this.#members.has(member)) return;
        for (const note of notes) this.#take(member, note);
        for (const key of new Set(notes.map(({ key }) => key))) this.#settle(key);
        this.#tellAll();
      },
      leave: () => {
        this.#members.delete(member);
        for (const [key, cap] of this.#caps) {
          cap.lent -= cap.shares.get(member)?.count ?? 0;
          cap.shares.delete(member);
          cap.asks = cap.asks.filter((ask) => ask.member !== member);
          cap.line = cap.line.filter((waiter) => waiter.member !== member);
          this.#settle(key);
        }
        this.#tellAll();
      },
    };
  }

  #take(member: Member, note: HolderNote): void {
    const cap = this.#caps.get(note.key) ?? this.#open(note.key);
    switch (note.at) {
      case "ask":
        cap.asks.push({
          member,
          cap: note.cap,
          count: note.count,
          given: 0,
          isAsked: false,
          isAnswered: false,
        });
        break;
      case "give":
        lend(cap, member, -note.count);
        break;
      case "declare":
        lend(cap, member, note.count);
        break;
      case "recalled": {
        const share = cap.shares.get(member);
        if (share !== undefined) Object.assign(share, { mayKeep: false, isRecalled: false });
        lend(cap, member, -note.count);
        break;
      }
      case "line":
        cap.line = resize(cap.line, { member, cap: note.cap }, note.count);
        cap.lease?.look();
        break;
    }
  }

  #open(key: string): Cap {
    const store = isOfFleet(key) ? this.#store : undefined;
    const cap: Cap = {
      ...{ shares: new Map(), lent: 0, asks: [], line: [] },
      lease: store && new StoreLease(store, key, () => this.#onStore(key)),
    };
    this.#caps.set(key, cap);
    return cap;
  }

  #onStore(key: string): void {
    const cap = this.#caps.get(key);
    if (cap === undefined) return;
    if (cap.lease?.isAsking === false) for (const ask of cap.asks) ask.isAnswered = ask.isAsked;
    this.#settle(key);
    this.#tellAll();
  }

  #settle(key: string): void {
    const cap = this.#caps.get(key);
    if (cap === undefined) return;
    this.#serveLine(key, cap);
    for (const ask of cap.asks) {
      const count = Math.min(ask.count - ask.given, freeOf(cap, ask.cap.most));
      ask.given += count;
      lend(cap, ask.member, count);
    }
    recall(key, cap);
    const mayCome = [...cap.shares.values()].some(({ isRecalled }) => isRecalled);
    if (!mayCome) askStore(cap);
    const { asks } = cap;
    cap.asks = asks.filter(
      (ask) => isShort(ask) && (mayCome || (cap.lease !== undefined && !ask.isAnswered)),
    );
    for (const ask of asks) if (!cap.asks.includes(ask)) this.#answer(key, cap, ask);
    // What was answered may have taken some more.
    cap.lease?.settle(cap.lent, cap.asks.length + cap.line.length > 0);
    const isUnused = cap.shares.size + cap.asks.length + cap.line.length === 0;
    if (isUnused && cap.lease?.isHeld !== true) this.#caps.delete(key);
  }

  #serveLine(key: string, cap: Cap): void {
    for (;;) {
      const [waiter] = cap.line;
      if (waiter === undefined || freeOf(cap, waiter.cap.most) === 0) return;
      cap.line.shift();
      lend(cap, waiter.member, 1);
      waiter.member.notes.push({ at: "lend", key });
    }
  }

  #answer(key: string, cap: Cap, { member, cap: { most }, given }: PlaceAsk): void {
    const share = cap.shares.get(member);
    // What it says to the recall that is on its way would be taken for what it says to this.
    const isWanted = cap.line.length > 0 || cap.asks.length > 0 || share?.isRecalled;
    const spare = isWanted ? 0 : Math.floor(freeOf(cap, most) / (SHARE_OF_FREE * this.#members.size));
    const more = Math.min(MOST_SPARE, spare);
    if (share !== undefined) {
      lend(cap, member, more);
      share.mayKeep = more > 0;
    }
    member.notes.push({ at: "answer", key, count: given + more, mayKeep: more > 0 });
  }

  #tellAll(): void {
    for (const member of this.#members) member.flush();
  }
}
