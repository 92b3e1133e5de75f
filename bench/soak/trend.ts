import type { ProcessKind } from "../lib/processes.ts";

export interface Sample {
  readonly kind: ProcessKind;
  /** Processes of that kind. */
  readonly count: number;
  /** Of the largest of them. */
  readonly memoryMiB: number;
  readonly descriptors: number;
}

export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  readonly isFlat: boolean;
}

/** Medians of the first and of the last third; flat: what the last has more is within what garbage collection leaves to chance. */
export function readTrend(values: readonly number[], slack: number): Trend {
  const third = Math.max(1, Math.floor(values.length / 3));
  const [first, last] = [medianOf(values.slice(0, third)), medianOf(values.slice(-third))];
  return { first, last, most: Math.max(...values), isFlat: last - first <= slack + first * 0.15 };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
