import type { Socket } from "node:net";
import type { Reused, ReusedMemory } from "./reused-memory.ts";

/** What a turn has for sockets: pieces that lie one behind the other leave in one write. */
export class TurnWrites {
  readonly #memory: ReusedMemory;
  readonly #touched: SocketWrites[] = [];
  readonly #done: Reused[] = [];

  constructor(memory: ReusedMemory) {
    this.#memory = memory;
  }

  to(socket: Socket): SocketWrites {
    return new SocketWrites(socket, this.#touched);
  }

  /** Nobody looks at it any more once the turn is over. */
  finish(memory: Reused): void {
    this.#done.push(memory);
  }

  flush(): void {
    for (const writes of this.#touched) writes.flush();
    for (const memory of this.#done) this.#memory.give(memory);
    while (this.#touched.length > 0) this.#touched.pop();
    while (this.#done.length > 0) this.#done.pop();
  }
}

export class SocketWrites {
  readonly #socket: Socket;
  readonly #touched: SocketWrites[];
  #memory: Reused | undefined;
  #from = 0;
  #to = 0;

  constructor(socket: Socket, touched: SocketWrites[]) {
    this.#socket = socket;
    this.#touched = touched;
  }

  add(memory: Reused, from: number, to: number): void {
    if (this.#memory !== memory || this.#to !== from) {
      if (this.#memory === undefined) this.#touched.push(this);
      this.flush();
      this.#memory = memory;
      this.#from = from;
    }
    this.#to = to;
  }

  flush(): void {
    this.#memory?.write(this.#socket, this.#from, this.#to);
    this.#memory = undefined;
  }
}
