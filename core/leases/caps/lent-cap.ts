import type { BookNote } from "./cap-notes.ts";
import type { CapLimit } from "./places.ts";
import type { StoreLease } from "./store-lease.ts";

/** What of a cap one holder has. */
export interface Share {
  count: number;
  /** Some of it may be to spare. */
  mayKeep: boolean;
  /** It was told that others want that, and has not said yet what there is. */
  isRecalled: boolean;
}

export interface PlaceAsk {
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
export interface Waiter {
  readonly member: Member;
  readonly cap: CapLimit;
}

export interface Cap {
  readonly shares: Map<Member, Share>;
  /** Of all shares together; more than the cap where one was lowered, or set while more were open. */
  lent: number;
  asks: PlaceAsk[];
  line: Waiter[];
  /** What this machine has of it, where it is one of several. */
  readonly lease: StoreLease | undefined;
}

/** A holder, and what it is to be told. */
export class Member {
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

export function freeOf({ lease, lent }: Cap, most: number): number {
  const leased = lease?.count ?? most;
  // With `onStoreLoss: "open"` it is more than the cap; what was leased below another cap is no more than this one allows.
  const all = lease?.most === most ? leased : Math.min(most, leased);
  return Math.max(0, all - lent);
}

/** For what nobody here has. */
export function askStore({ lease, asks, line, lent }: Cap): void {
  if (lease === undefined || lease.isAsking) return;
  const short = asks.filter((ask) => isShort(ask) && !ask.isAsked);
  const inLine = lease.mayLook ? line.length : 0;
  const want = short.reduce((sum, { count, given }) => sum + count - given, inLine);
  const limit = short[0]?.cap ?? line[0]?.cap;
  if (want === 0 || limit === undefined) return;
  for (const ask of short) ask.isAsked = true;
  lease.ask({ ...limit, holding: lent, want });
}

export function isShort({ count, given }: PlaceAsk): boolean {
  return given < count;
}

/** @param count below 0: it gives back */
export function lend(cap: Cap, member: Member, count: number): void {
  const share = cap.shares.get(member) ?? { count: 0, mayKeep: false, isRecalled: false };
  share.count += count;
  cap.lent += count;
  // One that has been recalled has yet to say so.
  if (share.count === 0 && !share.isRecalled) cap.shares.delete(member);
  else cap.shares.set(member, share);
}

/** From all that may have some to spare, when somebody else wants it. */
export function recall(key: string, cap: Cap): void {
  const short = cap.asks.filter(isShort);
  for (const [member, share] of cap.shares) {
    const isWanted = cap.line.length > 0 || short.some((ask) => ask.member !== member);
    if (!isWanted || !share.mayKeep || share.isRecalled) continue;
    share.isRecalled = true;
    member.notes.push({ at: "recall", key });
  }
}

export function resize(line: readonly Waiter[], waiter: Waiter, count: number): Waiter[] {
  const own = line.filter(({ member }) => member === waiter.member).length;
  if (count >= own) {
    const kept = line.map((each) => (each.member === waiter.member ? waiter : each));
    return [...kept, ...Array<Waiter>(count - own).fill(waiter)];
  }
  let left = count;
  return line.filter(({ member }) => member !== waiter.member || left-- > 0);
}
