/** The last bytes of a stream, in memory that grows with what comes, up to so many. */
export class SlidingWindow {
  readonly #maxBytes: number;
  #memory = Buffer.allocUnsafeSlow(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** As they are now: valid until the next `push`. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  push(bytes: Uint8Array): void {
    const last = bytes.length > this.#maxBytes ? bytes.subarray(bytes.length - this.#maxBytes) : bytes;
    const kept = Math.min(this.#length, this.#maxBytes - last.length);
    const from = this.#length - kept;
    if (kept + last.length > this.#memory.length) this.#grow(from, kept + last.length);
    else this.#memory.copyWithin(0, from, this.#length);
    this.#memory.set(last, kept);
    this.#length = kept + last.length;
  }

  #grow(from: number, needed: number): void {
    const larger = Buffer.allocUnsafeSlow(
      Math.min(this.#maxBytes, Math.max(needed, this.#memory.length * 2)),
    );
    larger.set(this.#memory.subarray(from, this.#length));
    this.#memory = larger;
  }
}
