/** Of one worker: clients that wait for a server, and what is kept of them at most. */
const MOST_HELD = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** How many clients a worker holds that have no server yet. */
export class HoldRoom {
  #clients = 0;
  #bytes = 0;

  /** That wait now. */
  get clients(): number {
    return this.#clients;
  }

  /** @param bytes that the client may have kept @returns gives its place back; undefined: there is none */
  enter(bytes: number): (() => void) | undefined {
    if (this.#clients >= MOST_HELD || this.#bytes + bytes > MOST_BYTES) return undefined;
    this.#clients++;
    this.#bytes += bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#clients--;
      this.#bytes -= bytes;
    };
  }
}
