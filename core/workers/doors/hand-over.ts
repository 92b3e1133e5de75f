import type { Socket } from "node:net";
import type { Worker } from "../worker.ts";

/** Who takes connections. */
export type Taker = Pick<Worker, "take">;

/** A connection that came in by a door, and the key of that door. */
interface Arrival {
  readonly key: string;
  readonly socket: Socket;
}

export interface HandOverLimits {
  /** Connections that no worker has taken yet. */
  readonly maxWaiting: number;
  /** A worker that has not taken for so long what it was handed has lost it on its way. */
  readonly patienceMs: number;
}

/**
 * Hands connections to workers in turn, one at a time each: one that is busy, or stopped, is passed over, and keeps no more
 * than one from the others. What none has taken waits, up to a bound, so that this process never runs out of descriptors.
 */
export class HandOver {
  readonly #limits: HandOverLimits;
  readonly #onFull: () => void;
  readonly #takers = new Set<Taker>();
  /** Those with empty hands, who has had them for longest first. */
  readonly #free = new Set<Taker>();
  readonly #waiting: Arrival[] = [];

  constructor(limits: HandOverLimits, onFull: () => void) {
    this.#limits = limits;
    this.#onFull = onFull;
  }

  join(taker: Taker): void {
    this.#takers.add(taker);
    this.#free.add(taker);
    this.#distribute();
  }

  leave(taker: Taker): void {
    this.#takers.delete(taker);
    this.#free.delete(taker);
  }

  take(key: string, socket: Socket): void {
    if (this.#waiting.length >= this.#limits.maxWaiting) {
      socket.destroy();
      this.#onFull();
      return;
    }
    this.#waiting.push({ key, socket });
    this.#distribute();
  }

  /** Whoever waits goes away. */
  close(): void {
    for (const { socket } of this.#waiting.splice(0)) socket.destroy();
  }

  #distribute(): void {
    for (const taker of this.#free) {
      const arrival = this.#waiting.shift();
      if (arrival === undefined) return;
      this.#free.delete(taker);
      void this.#give(taker, arrival);
    }
  }

  async #give(taker: Taker, arrival: Arrival): Promise<void> {
    const { key, socket } = arrival;
    // It may have been lost on its way, for want of a descriptor: nobody tells of that.
    const patience = setTimeout(() => {
      socket.destroy();
      this.#release(taker);
    }, this.#limits.patienceMs).unref();
    try {
      await taker.take(key, socket);
      this.#release(taker);
    } catch {
      // It has ended before it had it, and leaves as soon as that is heard of: not before the next turn, so it is not asked
      // again in this one, which would never end.
      if (!socket.destroyed) this.#waiting.unshift(arrival);
      this.#distribute();
      setImmediate(() => this.#release(taker));
    } finally {
      clearTimeout(patience);
    }
  }

  #release(taker: Taker): void {
    if (this.#takers.has(taker)) this.#free.add(taker);
    this.#distribute();
  }
}
