export interface Timed {
  readonly startedAt: number;
  /** Of the last bytes of either side. */
  seenAt: number;
  isOpen: boolean;
  /** Its time is up. */
  expire(): void;
}

const LOOK_MS = 1000;
const HANDSHAKE_MS = 10_000;
const IDLE_MS = 3_600_000;
const LIFE_MS = 24 * 3_600_000;

/** One timer for all sessions: the time of each is looked at once a second. */
export class TimeLimits {
  readonly #sessions = new Set<Timed>();
  /** As of the last look: precise enough for what lasts so long. */
  now = performance.now();

  constructor() {
    setInterval(() => this.#look(), LOOK_MS).unref();
  }

  add(session: Timed): void {
    this.#sessions.add(session);
  }

  delete(session: Timed): void {
    this.#sessions.delete(session);
  }

  #look(): void {
    this.now = performance.now();
    for (const session of this.#sessions) {
      const { startedAt, seenAt, isOpen } = session;
      const isOver = isOpen
        ? this.now - seenAt > IDLE_MS || this.now - startedAt > LIFE_MS
        : this.now - startedAt > HANDSHAKE_MS;
      if (isOver) session.expire();
    }
  }
}
