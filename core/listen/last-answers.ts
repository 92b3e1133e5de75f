import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * What each connection was answered last. HTTP/1.1 lets a client send its next request before (RFC 9112, 9.3.2), and Node
 * hands a socket over for an upgrade although an answer is still to be written to it: into the stream of the new protocol.
 */
export class LastAnswers {
  readonly #last = new WeakMap<Duplex, ServerResponse>();

  note(socket: Duplex, response: ServerResponse): void {
    this.#last.set(socket, response);
  }

  /** Calls back when what is owed has been written, but not on a connection that has gone. @returns whether anything is */
  whenDone(socket: Duplex, then: () => void): boolean {
    const last = this.#last.get(socket);
    if (last === undefined || last.writableFinished) return false;
    // Node has taken its own listeners off.
    socket.on("error", () => {});
    last.once("finish", then);
    return true;
  }
}
