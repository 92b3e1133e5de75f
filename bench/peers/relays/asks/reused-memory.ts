import type { Socket } from "node:net";
import type { Memory } from "./memory.ts";

/** Memory that is used again when what lay there has left, in a few sizes. */
export class ReusedMemory {
  readonly #free = new Map<number, Reused[]>();

  take(atLeast: number): Reused {
    let size = SMALLEST;
    while (size < atLeast) size *= 2;
    return this.#free.get(size)?.pop() ?? new Reused(size);
  }

  give(memory: Reused): void {
    if (memory.isKept) return;
    const free = this.#free.get(memory.bytes.length);
    if (free === undefined) this.#free.set(memory.bytes.length, [memory]);
    else free.push(memory);
  }
}

export class Reused implements Memory {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** How much there is in it that has not left. */
  uses = 0;
  /** The system has not taken all of it at once: it is not used again. */
  isKept = false;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
  }

  write(socket: Socket, from: number, to: number): void {
    socket.write(this.bytes.subarray(from, to));
    if (socket.writableLength > 0) this.isKept = true;
  }
}

const SMALLEST = 1024;
