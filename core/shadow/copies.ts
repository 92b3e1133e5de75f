/** What of a shadow waits, or is under way: so much of all shadows in one process, and no more. */
export interface CopyLimits {
  readonly maxCalls: number;
  readonly maxBytes: number;
}

interface Usage {
  calls: number;
  bytes: number;
}

const MAX_CALLS = 8192;
const MAX_BYTES = 16 * 1024 * 1024;
/** One shadow may take so much of it: one that does not keep up must not stop those beside it. */
const SHADOW_SHARE = 1 / 2;
/** A loop turn belongs to the traffic. */
const CALLS_A_TURN = 256;

/**
 * Copies of calls on their way to shadows, in order. They leave in a later turn than they came in, when the verdicts that
 * they are of have left, and a few at a time. There is room, or they are lost.
 */
export class Copies {
  readonly #limits: CopyLimits;
  /** The newest are at the end. */
  readonly #waiting: (() => void)[] = [];
  readonly #all: Usage = { calls: 0, bytes: 0 };
  readonly #byShadow = new Map<string, Usage>();
  #isScheduled = false;

  constructor(limits: CopyLimits = { maxCalls: MAX_CALLS, maxBytes: MAX_BYTES }) {
    this.#limits = limits;
  }

  /** What has not left yet. */
  get size(): number {
    return this.#waiting.length;
  }

  /** @param shadow its name */
  hasRoom(shadow: string, bytes: number): boolean {
    return this.#fits(this.#all, bytes, 1) && this.#fits(this.#usageOf(shadow), bytes, SHADOW_SHARE);
  }

  /** @param leave given back with `settle` */
  add(shadow: string, bytes: number, leave: () => void): void {
    this.#count(shadow, 1, bytes);
    this.follow(leave);
  }

  settle(shadow: string, bytes: number): void {
    this.#count(shadow, -1, -bytes);
  }

  /** What is no call, and comes behind those before it: the end of a place, of which each has one. */
  follow(leave: () => void): void {
    this.#waiting.push(leave);
    this.#schedule();
  }

  #fits(used: Usage, bytes: number, share: number): boolean {
    const { maxCalls, maxBytes } = this.#limits;
    return used.calls < maxCalls * share && used.bytes + bytes <= maxBytes * share;
  }

  #count(shadow: string, calls: number, bytes: number): void {
    const usage = this.#usageOf(shadow);
    for (const each of [usage, this.#all]) {
      each.calls += calls;
      each.bytes += bytes;
    }
    if (usage.calls > 0) this.#byShadow.set(shadow, usage);
    else this.#byShadow.delete(shadow);
  }

  #usageOf(shadow: string): Usage {
    return this.#byShadow.get(shadow) ?? { calls: 0, bytes: 0 };
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    // What has left is let go of at once: under load there is no turn in which nothing waits.
    for (const leave of this.#waiting.splice(0, CALLS_A_TURN)) leave();
    if (this.#waiting.length > 0) this.#schedule();
  }
}
