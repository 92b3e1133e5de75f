/** What has been counted: the sum of all values, and how many there are up to each bound. */
export interface PowerCounts {
  readonly sum: number;
  /** Not cumulative; the last bound is Infinity. */
  readonly upTo: readonly (readonly [bound: number, count: number])[];
}

/** Bounds are 2 ** from, 2 ** (from + step), …, `bounds` of them. */
export interface PowerScale {
  readonly from: number;
  /** 1: each bound is twice the one before it; 2: four times. */
  readonly step: 1 | 2;
  readonly bounds: number;
}

/** The last is Infinity. */
export function boundsOf({ from, step, bounds }: PowerScale): readonly number[] {
  return [
    ...Array.from({ length: bounds }, (_, bucket) => 2 ** (from + bucket * step)),
    Number.POSITIVE_INFINITY,
  ];
}

const MOST = 2 ** 31;

/** Whole numbers by their size. Counting is two additions: each message is counted. */
export class PowerHistogram {
  readonly #scale: PowerScale;
  readonly #from: number;
  readonly #shift: number;
  readonly #last: number;
  /** At the end the sum. Doubles, for 32 bits are full within hours. */
  readonly #counts: Float64Array;

  constructor(scale: PowerScale) {
    this.#scale = scale;
    this.#from = scale.from;
    this.#shift = scale.step - 1;
    this.#last = scale.bounds;
    this.#counts = new Float64Array(scale.bounds + 2);
  }

  add(value: number, times = 1): void {
    const counts = this.#counts;
    // The smallest power of two that is not below the value.
    const power = value <= 1 ? 0 : 32 - Math.clz32((value < MOST ? value : MOST) - 1);
    const step = (power - this.#from + this.#shift) >> this.#shift;
    const bucket = step < 0 ? 0 : step > this.#last ? this.#last : step;
    counts[bucket] = counts[bucket]! + times;
    counts[this.#last + 1] = counts[this.#last + 1]! + value * times;
  }

  /** Bucket by bucket, onto what is there. */
  addTo(totals: number[]): void {
    for (let bucket = 0; bucket <= this.#last; bucket++)
      totals[bucket] = (totals[bucket] ?? 0) + this.#counts[bucket]!;
  }

  read(): PowerCounts {
    return {
      sum: this.#counts[this.#last + 1]!,
      upTo: boundsOf(this.#scale).map((bound, bucket) => [bound, this.#counts[bucket]!] as const),
    };
  }
}
