/** What a lane sees of a call. */
export interface LaneCall<Call> {
  /** Its outcome is known. */
  readonly isDone: boolean;
  /** The next one of the same lane. */
  readonly next: Call | undefined;
  precede(next: Call | undefined): void;
}

/**
 * The calls of one seat and hook that have not settled, in the order they came. Outcomes become known in any order;
 * calls settle in this one. A list of the calls themselves, for each message passes through one.
 */
export class SettleLane<Call extends LaneCall<Call>> {
  #head: Call | undefined;
  #tail: Call | undefined;

  enter(call: Call): void {
    if (this.#tail) this.#tail.precede(call);
    else this.#head = call;
    this.#tail = call;
  }

  /** Whether no other has to settle before this one. */
  isFirst(call: Call): boolean {
    return this.#head === call;
  }

  /** The first one settles. @returns the next, if its turn has come with that */
  leave(call: Call): Call | undefined {
    if (this.#head !== call) throw new Error("a call settles that is not the first of its lane");
    const { next } = call;
    this.#head = next;
    if (next === undefined) this.#tail = undefined;
    call.precede(undefined);
    return next?.isDone ? next : undefined;
  }
}
