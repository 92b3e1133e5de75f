interface Seen {
  readonly at: number;
  readonly count: number;
}

/** The largest count that was seen in the last while: what comes and goes is not gone at once. */
export class RecentPeak {
  readonly #forMs: number;
  readonly #read: () => number;
  /** Each smaller than the one before it. */
  #seen: Seen[] = [];

  /** @param read milliseconds of a clock that cannot be set */
  constructor(forMs: number, read = () => performance.now()) {
    this.#forMs = forMs;
    this.#read = read;
  }

  see(count: number): void {
    this.#seen = [...this.#seen.filter((each) => each.count > count), { at: this.#read(), count }];
  }

  /** What was seen last stays. Undefined: nothing was. */
  get count(): number | undefined {
    const since = this.#read() - this.#forMs;
    const last = this.#seen.at(-1);
    this.#seen = this.#seen.filter((each) => each === last || each.at >= since);
    return this.#seen[0]?.count;
  }
}
