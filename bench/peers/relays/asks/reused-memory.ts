import type { Socket } from "node:net";

/** Memory that is used again when what lay there has left, in a few sizes. */
export class ReusedMemory {
  readonly #free = new Map<number, Buffer[]>();
  readonly #kept = new WeakSet<Buffer>();

  take(atLeast: number): Buffer {
    let size = SMALLEST;
    while (size < atLeast) size *= 2;
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  give(bytes: Buffer): void {
    if (this.#kept.delete(bytes)) return;
    const free = this.#free.get(bytes.length);
    if (free === undefined) this.#free.set(bytes.length, [bytes]);
    else free.push(bytes);
  }

  /** What the system does not take at once keeps its memory, for good. */
  write(socket: Socket, bytes: Buffer, from: number, to: number): void {
    socket.write(bytes.subarray(from, to));
    if (socket.writableLength > 0) this.#kept.add(bytes);
  }
}

const SMALLEST = 1024;
