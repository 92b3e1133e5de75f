/**
 * Memory for bytes that leave in the turn in which they came, and for messages that wait for a verdict before they do. It is
 * used again and again: what passes makes no garbage, whatever its size.
 *
 *   free ──copy──────────────▶ lent ──the turn is over──▶ free
 *    │                         ▲ └──a socket keeps it──▶ given up: nobody writes to it any more, and it is collected some day
 *    └──take──▶ taken ──leave──┘
 *    ▲           │ └──its message goes nowhere──▶ forgotten: it is collected as well
 *    └─give back─┘
 *
 * So that one connection's bytes never show up in another's, a piece is lent to one outbox, and what the system has not
 * taken at once is given up as a whole.
 */
export class TurnMemory {
  /** Of small pieces, one behind the other. */
  #block: Buffer = nothing;
  #next = 0;
  #lent: Buffer[] = [];
  readonly #taken = new WeakSet<ArrayBufferLike>();
  /** By their size; that which was asked for last at the end. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;

  /** @returns a copy of `source[from..to)` that is there until the turn is over */
  copy(source: Uint8Array, from: number, to: number): Buffer {
    const size = to - from;
    const piece = size > SMALL_BYTES ? this.#lend(size).subarray(0, size) : this.#cut(size);
    piece.set(source.subarray(from, to));
    return piece;
  }

  /** @returns memory that is there until whoever takes it lets it `leave` */
  take(size: number): Buffer {
    const memory = this.#find(size);
    this.#taken.add(memory.buffer);
    return memory.subarray(0, size);
  }

  /** What lies in it leaves in this turn, and nobody looks at it afterwards. Of memory that has not been taken nothing is said. */
  leave(memory: ArrayBufferLike): void {
    if (this.#taken.delete(memory)) this.#lent.push(Buffer.from(memory as ArrayBuffer));
  }

  /** It was never on its way to anybody, and nobody looks at what lies there: it is free at once. */
  giveBack(memory: ArrayBufferLike): void {
    if (this.#taken.delete(memory)) this.#keep(Buffer.from(memory as ArrayBuffer));
  }

  /** Somebody still has what lies there when the turn is over. */
  giveUp(memory: ArrayBufferLike): void {
    if (this.#block.buffer === memory) this.#block = nothing;
    this.#lent = this.#lent.filter(({ buffer }) => buffer !== memory);
  }

  /** What has not been given up has left. */
  endTurn(): void {
    this.#block = nothing;
    for (let memory = this.#lent.pop(); memory !== undefined; memory = this.#lent.pop()) this.#keep(memory);
  }

  /** For others that memory has to go of which nothing has been asked for the longest. */
  #keep(memory: Buffer): void {
    const { length } = memory;
    for (const [size, others] of this.#free) {
      if (this.#freeBytes + length <= KEPT_BYTES || size === length) break;
      this.#free.delete(size);
      this.#freeBytes -= size * others.length;
    }
    if (this.#freeBytes + length > KEPT_BYTES) return;
    const free = this.#free.get(length);
    if (free === undefined) this.#free.set(length, [memory]);
    else free.push(memory);
    this.#freeBytes += length;
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
    const memory = this.#find(size);
    this.#lent.push(memory);
    return memory;
  }

  #find(size: number): Buffer {
    const step = 2 ** Math.max(0, Math.floor(Math.log2(size)) - 2);
    const whole = Math.ceil(size / step) * step;
    const free = this.#free.get(whole);
    if (free === undefined) return Buffer.allocUnsafeSlow(whole);
    this.#free.delete(whole);
    this.#free.set(whole, free);
    const memory = free.pop();
    if (memory === undefined) return Buffer.allocUnsafeSlow(whole);
    this.#freeBytes -= whole;
    return memory;
  }
}

const nothing = Buffer.alloc(0);
const BLOCK_BYTES = 64 * 1024;
/** Larger ones have memory of their own, so that what is given up is at most twice what is kept. */
const SMALL_BYTES = 8 * 1024;
/** As much as a hundred large messages that wait for their verdicts at the same time. */
const KEPT_BYTES = 8 * 1024 * 1024;
