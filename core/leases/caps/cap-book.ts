import type { BookNote, HolderNote } from "./cap-notes.ts";
import type { CapStore } from "./cap-store.ts";
import { MOST_SPARE } from "./place-leases.ts";
import { type CapLimit, isOfFleet } from "./places.ts";
import { StoreLease } from "./store-lease.ts";

/** One that holds places of the book: a worker. */
export interface Holder {
  hear(notes: readonly HolderNote[]): void;
  /** It is no more: all that it had is free. */
  leave(): void;
}

/** What of a cap one holder has. */
interface Share {
  count: number;
  /** Some of it may be to spare. */
  mayKeep: boolean;
  /** It was told that others want that, and has not said yet what there is. */
  isRecalled: boolean;
}

interface Ask {
  readonly member: Member;
  readonly cap: CapLimit;
  readonly count: number;
  /** Lent already; the answer waits for the rest. */
  given: number;
  /** Of a store: it has been asked for it; it has answered. */
  isAsked: boolean;
  isAnswered: boolean;
}

/** One that waits in line, until there is a place for it. */
interface Waiter {
  readonly member: Member;
  readonly cap: CapLimit;
}

interface Cap {
  readonly shares: Map<Member, Share>;
  /** Of all shares together; more than the cap where one was lowered, or set while more were open. */
  lent: number;
  asks: Ask[];
  line: Waiter[];
  /** What this machine has of it, where it is one of several. */
  readonly lease: StoreLease | undefined;
}

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
  #refused = 0;

  /** @param store of all machines, for those caps that they share */
  constructor(store?: CapStore) {
    this.#store = store;
  }

  /** Keys of which places are lent or wanted. */
  get keys(): number {
    return this.#caps.size;
  }

  /** CapPlaces that holders have, those that they have to spare included. */
  get lent(): number {
    let lent = 0;
    for (const cap of this.#caps.values()) lent += cap.lent;
    return lent;
  }

  /** CapPlaces that were asked for in vain. */
  get refused(): number {
    return this.#refused;
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

  #answer(key: string, cap: Cap, { member, cap: { most }, count, given }: Ask): void {
    this.#refused += count - given;
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

/** A holder gets no more than this part of what is free, divided by how many they are, for nothing. */
const SHARE_OF_FREE = 4;

class Member {
  readonly #tell: (notes: readonly BookNote[]) => void;
  notes: BookNote[] = [];

  constructor(tell: (notes: readonly BookNote[]) => void) {
    this.#tell = tell;
  }

  flush(): void {
    const { notes } = this;
    if (notes.length === 0) return;
    this.notes = [];
    this.#tell(notes);
  }
}

function freeOf({ lease, lent }: Cap, most: number): number {
  const leased = lease?.count ?? most;
  // With `onStoreLoss: "open"` it is more than the cap; what was leased below another cap is no more than this one allows.
  const all = lease?.most === most ? leased : Math.min(most, leased);
  return Math.max(0, all - lent);
}

/** For what nobody here has. */
function askStore({ lease, asks, line, lent }: Cap): void {
  if (lease === undefined || lease.isAsking) return;
  const short = asks.filter((ask) => isShort(ask) && !ask.isAsked);
  const inLine = lease.mayLook ? line.length : 0;
  const want = short.reduce((sum, { count, given }) => sum + count - given, inLine);
  const limit = short[0]?.cap ?? line[0]?.cap;
  if (want === 0 || limit === undefined) return;
  for (const ask of short) ask.isAsked = true;
  lease.ask({ ...limit, holding: lent, want });
}

function isShort({ count, given }: Ask): boolean {
  return given < count;
}

/** @param count below 0: it gives back */
function lend(cap: Cap, member: Member, count: number): void {
  const share = cap.shares.get(member) ?? { count: 0, mayKeep: false, isRecalled: false };
  share.count += count;
  cap.lent += count;
  // One that has been recalled has yet to say so.
  if (share.count === 0 && !share.isRecalled) cap.shares.delete(member);
  else cap.shares.set(member, share);
}

/** From all that may have some to spare, when somebody else wants it. */
function recall(key: string, cap: Cap): void {
  const short = cap.asks.filter(isShort);
  for (const [member, share] of cap.shares) {
    const isWanted = cap.line.length > 0 || short.some((ask) => ask.member !== member);
    if (!isWanted || !share.mayKeep || share.isRecalled) continue;
    share.isRecalled = true;
    member.notes.push({ at: "recall", key });
  }
}

function resize(line: readonly Waiter[], waiter: Waiter, count: number): Waiter[] {
  const own = line.filter(({ member }) => member === waiter.member).length;
  if (count >= own) {
    const kept = line.map((each) => (each.member === waiter.member ? waiter : each));
    return [...kept, ...Array<Waiter>(count - own).fill(waiter)];
  }
  let left = count;
  return line.filter(({ member }) => member !== waiter.member || left-- > 0);
}
