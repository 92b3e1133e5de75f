import type { Socket } from "node:net";
import type { GoneSignal } from "../net/gone-signal.ts";

/** Whether the client of an upgrade has gone before its answer. An AbortController would cost each upgrade several times as much. */
export class ClientWatch implements GoneSignal {
  readonly #socket: Socket;
  readonly #listeners = new Set<() => void>();
  readonly #onGone = (): void => {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  };
  aborted = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Node stops listening for errors when it hands the socket over.
    socket.on("error", ignore);
    socket.once("close", this.#onGone);
    // A FIN before the 101: Node reads on after the upgrade, and a client that half-closes here has given up.
    socket.once("end", this.#onGone);
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** It has its answer. */
  end(): void {
    this.#socket.off("close", this.#onGone);
    this.#socket.off("end", this.#onGone);
  }
}

function ignore(): void {}
