/** A session, as far as its first moments go. */
export interface Newcomer {
  /** It has lasted: what only those need that do. */
  onLasting(): void;
}

/** At most: who comes later waits for less. */
const LASTING_MS = 1_000;

/**
 * The sessions that have just begun. Many end within a moment, and what only matters later is not done for them: what they
 * cost is one timer for all, which is there only while there are any.
 */
export class Newcomers {
  readonly #lastingMs: number;
  #sessions = new Set<Newcomer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lastingMs = LASTING_MS) {
    this.#lastingMs = lastingMs;
  }

  add(session: Newcomer): void {
    this.#sessions.add(session);
    this.#timer ??= setTimeout(() => this.#goOn(), this.#lastingMs).unref();
  }

  /** It has ended. */
  leave(session: Newcomer): void {
    this.#sessions.delete(session);
  }

  #goOn(): void {
    this.#timer = undefined;
    const lasting = this.#sessions;
    this.#sessions = new Set();
    for (const session of lasting) session.onLasting();
  }
}
