import { PassingMap } from "./passing-map.ts";

/** A session, as far as its first moments go. */
export interface Newcomer {
  readonly id: string;
  /** It has lasted: what only those need that do. */
  onLasting(): void;
}

/** At most: who comes later waits for less. */
const LASTING_MS = 1_000;
/** In one turn: after a storm there are thousands, and messages do not wait for all of them. */
const SLICE = 250;

/**
 * The sessions that have just begun. Many end within a moment, and what only matters later is not done for them: what they
 * cost is one timer for all, which is there only while there are any.
 */
export class Newcomers {
  readonly #lastingMs: number;
  readonly #sessions = new PassingMap<Newcomer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lastingMs = LASTING_MS) {
    this.#lastingMs = lastingMs;
  }

  add(session: Newcomer): void {
    this.#sessions.set(session.id, session);
    this.#timer ??= this.#startTimer();
  }

  /** It has ended. */
  leave(session: Newcomer): void {
    this.#sessions.delete(session.id);
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#goOn(this.#sessions.size), this.#lastingMs).unref();
  }

  /** @param left how many there were, first come first */
  #goOn(left: number): void {
    let taken = 0;
    for (const session of this.#sessions.values()) {
      if (taken++ === Math.min(left, SLICE)) break;
      this.#sessions.delete(session.id);
      session.onLasting();
    }
    if (left > SLICE) setImmediate(() => this.#goOn(left - SLICE)).unref();
    else this.#timer = this.#sessions.size === 0 ? undefined : this.#startTimer();
  }
}
