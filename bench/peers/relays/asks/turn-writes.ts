import type { Socket } from "node:net";
import type { ReusedMemory } from "./reused-memory.ts";

/** What a turn has for sockets: pieces that lie one behind the other leave in one write. */
export class TurnWrites {
  readonly #memory: ReusedMemory;
  readonly #touched: SocketWrites[] = [];
  readonly #done: Buffer[] = [];

  constructor(memory: ReusedMemory) {
    this.#memory = memory;
  }

  to(socket: Socket): SocketWrites {
    const memory = this.#memory;
    const writes = new SocketWrites(
      (bytes, from, to) => memory.write(socket, bytes, from, to),
      () => this.#touched.push(writes),
    );
    return writes;
  }

  /** Nobody looks at it any more once the turn is over. */
  finish(bytes: Buffer): void {
    this.#done.push(bytes);
  }

  flush(): void {
    for (const writes of this.#touched) writes.flush();
    this.#touched.length = 0;
    for (const bytes of this.#done) this.#memory.give(bytes);
    this.#done.length = 0;
  }
}

export class SocketWrites {
  readonly #write: (bytes: Buffer, from: number, to: number) => void;
  readonly #onFirst: () => void;
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;

  constructor(write: SocketWrites["add"], onFirst: () => void) {
    this.#write = write;
    this.#onFirst = onFirst;
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (this.#bytes !== bytes || this.#to !== from) {
      if (this.#bytes === undefined) this.#onFirst();
      this.flush();
      this.#bytes = bytes;
      this.#from = from;
    }
    this.#to = to;
  }

  flush(): void {
    if (this.#bytes !== undefined) this.#write(this.#bytes, this.#from, this.#to);
    this.#bytes = undefined;
  }
}
