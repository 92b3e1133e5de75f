import { type FrameMemory, MAX_PIECE_BYTES } from "./frame-slab.ts";

/** Joins pieces that arrive in any sizes, in memory at most twice their sum, however small they are. */
export class ByteCollector {
  readonly #memory: FrameMemory;
  #bytes: Buffer = Buffer.allocUnsafeSlow(0);
  #length = 0;

  constructor(memory: FrameMemory = anyMemory) {
    this.#memory = memory;
  }

  /** The memory that it has. */
  get size(): number {
    return this.#bytes.length;
  }

  /**
   * @param following how many bytes are known to come next: there is room for them at once, as far as the bound allows
   * @returns the piece, as it lies here until more comes
   */
  append(source: Uint8Array, from: number, to: number, following = 0): Buffer {
    const start = this.#length;
    const needed = start + to - from;
    if (needed > this.#bytes.length) {
      const foreseen = Math.min(needed + following, needed * 2);
      const larger = this.#allocate(Math.max(foreseen, this.#bytes.length * 2, 1024));
      larger.set(this.#bytes.subarray(0, start));
      this.#memory.release(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(source.subarray(from, to), start);
    this.#length = needed;
    return this.#bytes.subarray(start, needed);
  }

  /** How much memory it has. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Not a piece of a slab: who never ends a message would keep all of it alive. */
  #allocate(size: number): Buffer {
    return size > MAX_PIECE_BYTES ? this.#memory.allocate(size) : Buffer.allocUnsafeSlow(size);
  }

  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#length = 0;
    return bytes;
  }
}

const anyMemory: FrameMemory = { allocate: Buffer.allocUnsafeSlow, release() {} };
