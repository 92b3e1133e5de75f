/** What of a shadow waits, or is under way: so much of all shadows in one process, and no more. */
export interface CopyLimits {
  readonly maxCalls: number;
  readonly maxBytes: number;
}

const MAX_CALLS = 8192;
const MAX_BYTES = 16 * 1024 * 1024;
/** A loop turn belongs to the traffic. */
const CALLS_A_TURN = 256;

/**
 * Copies of calls on their way to shadows, in order. They leave in a later turn than they came in, when the verdicts that
 * they are of have left, and a few at a time. There is room, or they are lost.
 */
export class Copies {
  readonly #limits: CopyLimits;
  /** The newest are at the end; those before `#at` have gone. */
  #waiting: (() => void)[] = [];
  #at = 0;
  #calls = 0;
  #bytes = 0;
  #isScheduled = false;

  constructor(limits: CopyLimits = { maxCalls: MAX_CALLS, maxBytes: MAX_BYTES }) {
    this.#limits = limits;
  }

  hasRoom(bytes: number): boolean {
    return this.#calls < this.#limits.maxCalls && this.#bytes + bytes <= this.#limits.maxBytes;
  }

  /** @param leave given back with `settle` */
  add(bytes: number, leave: () => void): void {
    this.#calls++;
    this.#bytes += bytes;
    this.follow(leave);
  }

  settle(bytes: number): void {
    this.#calls--;
    this.#bytes -= bytes;
  }

  /** What is no call, and comes behind those before it: the end of a place, of which each has one. */
  follow(leave: () => void): void {
    this.#waiting.push(leave);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    const end = Math.min(this.#waiting.length, this.#at + CALLS_A_TURN);
    for (const leave of this.#waiting.slice(this.#at, end)) leave();
    this.#at = end;
    if (this.#at < this.#waiting.length) return this.#schedule();
    this.#waiting = [];
    this.#at = 0;
  }
}
