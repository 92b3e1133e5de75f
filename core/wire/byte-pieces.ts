import { ByteCollector } from "./byte-collector.ts";

/**
 * Keeps pieces of chunks in order. One that is most of its chunk stays where it lies, all others are joined: either way
 * in memory at most twice their sum, however small they are, and without a copy of what is large.
 */
export class BytePieces {
  #pieces: Buffer[] = [];
  #joined: ByteCollector | undefined;

  append(chunk: Buffer, from: number, to: number): void {
    const size = to - from;
    if (size >= LARGE_BYTES && size * 2 >= chunk.buffer.byteLength) {
      this.#endJoined();
      this.#pieces.push(chunk.subarray(from, to));
    } else {
      this.#joined ??= new ByteCollector();
      this.#joined.append(chunk, from, to);
    }
  }

  take(): readonly Buffer[] {
    this.#endJoined();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #endJoined(): void {
    if (this.#joined === undefined) return;
    this.#pieces.push(this.#joined.take());
    this.#joined = undefined;
  }
}

/** Below this a copy costs less than one more piece. */
const LARGE_BYTES = 4096;
