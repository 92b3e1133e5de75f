/** Joins pieces that arrive in any sizes, in memory at most twice their sum, however small they are. */
export class ByteCollector {
  #bytes = Buffer.allocUnsafeSlow(0);
  #length = 0;

  append(source: Uint8Array, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 1024));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(source.subarray(from, to), this.#length);
    this.#length = needed;
  }

  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#length = 0;
    return bytes;
  }
}
