import type { HeldTimes } from "../../../contract/stats.ts";

/** In milliseconds. */
const BOUNDS = [
  10,
  25,
  50,
  100,
  150,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
  30_000,
  60_000,
  Number.POSITIVE_INFINITY,
];

/** For how long a policy holds back messages: made with the first of them. */
export class HeldCounts {
  readonly #counts = new Array<number>(BOUNDS.length).fill(0);
  #sum = 0;

  add(held: readonly number[]): void {
    for (const ms of held) {
      this.#sum += ms;
      const bucket = BOUNDS.findIndex((bound) => ms <= bound);
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    }
  }

  addAll(other: HeldCounts): void {
    this.#sum += other.#sum;
    for (const [bucket, count] of other.#counts.entries())
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
  }

  read(): HeldTimes {
    return {
      sum: this.#sum,
      upTo: BOUNDS.map((bound, bucket) => [bound, this.#counts[bucket] ?? 0] as const),
    };
  }
}
