/**
 * Memory for bytes that leave in the turn in which they came. It is used again and again: what merely passes makes no
 * garbage, whatever its size.
 *
 *   free ──copy──▶ lent ──the turn is over──▶ free
 *                   └──a socket keeps it──▶ given up: nobody writes to it any more, and it is collected some day
 *
 * So that one connection's bytes never show up in another's, a piece is lent to one outbox, and what the system has not
 * taken at once is given up as a whole.
 */
export class TurnMemory {
  /** Of small pieces, one behind the other. */
  #block: Buffer = nothing;
  #next = 0;
  #lent: Buffer[] = [];
  /** By the power of two that is their size. */
  readonly #free = new Map<number, Buffer[]>();

  /** @returns a copy of `source[from..to)` that is there until the turn is over */
  copy(source: Uint8Array, from: number, to: number): Buffer {
    const size = to - from;
    const piece = size > SMALL_BYTES ? this.#lend(size).subarray(0, size) : this.#cut(size);
    piece.set(source.subarray(from, to));
    return piece;
  }

  /** Somebody still has what lies there when the turn is over. */
  giveUp(memory: ArrayBufferLike): void {
    if (this.#block.buffer === memory) this.#block = nothing;
    this.#lent = this.#lent.filter(({ buffer }) => buffer !== memory);
  }

  /** What has not been given up has left. */
  endTurn(): void {
    this.#block = nothing;
    for (const memory of this.#lent) {
      const free = this.#free.get(memory.length);
      if (free === undefined) this.#free.set(memory.length, [memory]);
      else if (free.length < KEPT) free.push(memory);
    }
    this.#lent.length = 0;
  }

  #cut(size: number): Buffer {
    if (this.#next + size > this.#block.length) {
      this.#block = this.#lend(BLOCK_BYTES);
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += size;
    return this.#block.subarray(start, this.#next);
  }

  #lend(size: number): Buffer {
    const whole = 2 ** Math.ceil(Math.log2(size));
    const memory = this.#free.get(whole)?.pop() ?? Buffer.allocUnsafeSlow(whole);
    this.#lent.push(memory);
    return memory;
  }
}

const nothing = Buffer.alloc(0);
const BLOCK_BYTES = 64 * 1024;
/** Larger ones have memory of their own, so that what is given up is at most twice what is kept. */
const SMALL_BYTES = 8 * 1024;
/** Of each size. */
const KEPT = 2;
