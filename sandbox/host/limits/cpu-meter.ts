/** A sample that is older than this is taken anew. */
const MAX_AGE_MS = 5;

/**
 * The CPU time of this thread since an entry began: asked for when an entry has taken too long, which is rare, and so
 * measured from a sample that may be a few milliseconds older than the entry.
 */
export class CpuMeter {
  readonly #readMs: () => number;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #sampleMs = 0;
  #startedAt = 0;

  constructor(readMs: () => number = readThreadMs) {
    this.#readMs = readMs;
  }

  /** @param now on the machine's clock */
  start(now: number): void {
    this.#startedAt = now;
    if (now - this.#sampledAt <= MAX_AGE_MS) return;
    this.#sampledAt = now;
    this.#sampleMs = this.#readMs();
  }

  /** At least so much has been used since the start. */
  get usedMs(): number {
    return this.#readMs() - this.#sampleMs - (this.#startedAt - this.#sampledAt);
  }
}

function readThreadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
