/** Something to do at a time, unless it is cancelled before. */
export interface Deadline {
  readonly slot: number;
  readonly run: () => void;
}

/**
 * What all sessions of a process have to do at some time: a timer wheel with one interval, which runs only while
 * something is due. Nothing is done early; it may be done `TICK_MS` late.
 *
 * Who waits for silence does not set a deadline back with each message: when it comes, it looks when the last message
 * was, and waits on.
 */
export class Deadlines {
  /** Milliseconds of a clock that does not jump, as of the last tick; stands still while nothing is due. */
  now: number;

  /** The clock itself, at this moment. */
  readonly read: () => number;
  readonly #slots = new Map<number, Set<Deadline>>();
  #slot: number;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(read: () => number = () => performance.now()) {
    this.read = read;
    this.now = read();
    this.#slot = Math.floor(this.now / TICK_MS);
  }

  /** @param at on the clock of `now` */
  add(at: number, run: () => void): Deadline {
    if (this.#count++ === 0) this.#start();
    const slot = Math.max(Math.ceil(at / TICK_MS), this.#slot + 1);
    const deadline = { slot, run };
    const others = this.#slots.get(slot);
    if (others === undefined) this.#slots.set(slot, new Set([deadline]));
    else others.add(deadline);
    return deadline;
  }

  /** As `add`, from this moment on. */
  after(ms: number, run: () => void): Deadline {
    return this.add(this.read() + ms, run);
  }

  cancel(deadline: Deadline): void {
    const others = this.#slots.get(deadline.slot);
    if (!others?.delete(deadline)) return;
    if (others.size === 0) this.#slots.delete(deadline.slot);
    this.#leave();
  }

  /** Do what is due. The interval calls it; tests with a clock of their own do, too. */
  tick(): void {
    this.now = this.read();
    const current = Math.floor(this.now / TICK_MS);
    while (this.#slot < current && this.#count > 0) {
      this.#slot++;
      const due = this.#slots.get(this.#slot);
      for (const deadline of due ?? []) {
        this.cancel(deadline);
        deadline.run();
      }
    }
    this.#slot = current;
  }

  #start(): void {
    this.now = this.read();
    this.#slot = Math.floor(this.now / TICK_MS);
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  #leave(): void {
    this.#count--;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export const TICK_MS = 50;
