export interface RateLimit {
  /** 0: no limit. */
  readonly messages: number;
  /** 0: no limit. */
  readonly bytes: number;
  readonly perMs: number;
}

/** Of messages and of bytes; what has no limit says nothing. */
export interface Level {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Fills evenly, `messages` and `bytes` in `perMs`, and holds no more than that. It may be overdrawn: by a message that
 * is larger than the whole bucket, and by what has to be taken because it has passed already.
 */
export class TokenBucket {
  readonly #limit: RateLimit;
  #messages: number;
  #bytes: number;
  #filledAt: number;

  constructor(limit: RateLimit, now: number) {
    this.#limit = limit;
    this.#messages = limit.messages;
    this.#bytes = limit.bytes;
    this.#filledAt = now;
  }

  /** Take as much, if it is there. @returns whether it was */
  tryTake(now: number, messages: number, bytes: number): boolean {
    this.#fill(now);
    const { messages: mostMessages, bytes: mostBytes } = this.#limit;
    if (mostMessages > 0 && this.#messages < messages) return false;
    if (mostBytes > 0 && this.#bytes < Math.min(bytes, mostBytes)) return false;
    this.take(now, messages, bytes);
    return true;
  }

  /** Take as much, whether or not it is there. */
  take(now: number, messages: number, bytes: number): void {
    this.#fill(now);
    this.#messages -= messages;
    this.#bytes -= bytes;
  }

  /** What is there; below 0: overdrawn. */
  level(now: number): Level {
    this.#fill(now);
    return { messages: this.#messages, bytes: this.#bytes };
  }

  /** There is no more than that. */
  lower(now: number, { messages, bytes }: Level): void {
    this.#fill(now);
    this.#messages = Math.min(this.#messages, messages);
    this.#bytes = Math.min(this.#bytes, bytes);
  }

  /** @param most it is overdrawn by no more than so many times what it holds */
  forgive(most: number): void {
    this.#messages = Math.max(this.#messages, -most * this.#limit.messages);
    this.#bytes = Math.max(this.#bytes, -most * this.#limit.bytes);
  }

  /** Milliseconds until nothing is overdrawn. */
  debtMs(now: number): number {
    this.#fill(now);
    return Math.max(this.#timeTo(0, this.#messages, this.#limit.messages), this.#bytesTo(0));
  }

  /** Milliseconds until it is as full as a new one. */
  refillMs(now: number): number {
    this.#fill(now);
    const { messages, bytes } = this.#limit;
    return Math.max(this.#timeTo(messages, this.#messages, messages), this.#bytesTo(bytes));
  }

  #bytesTo(level: number): number {
    return this.#timeTo(level, this.#bytes, this.#limit.bytes);
  }

  #timeTo(level: number, current: number, most: number): number {
    return most === 0 || current >= level ? 0 : ((level - current) / most) * this.#limit.perMs;
  }

  #fill(now: number): void {
    const { messages, bytes, perMs } = this.#limit;
    const share = (now - this.#filledAt) / perMs;
    this.#filledAt = now;
    this.#messages = Math.min(messages, this.#messages + share * messages);
    this.#bytes = Math.min(bytes, this.#bytes + share * bytes);
  }
}
