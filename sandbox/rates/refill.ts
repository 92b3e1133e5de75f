/** So many in a time: as many as `most` at once, and another one each `everyMs`. */
export interface Refill {
  readonly most: number;
  readonly everyMs: number;
}

/**
 * A bucket that fills evenly is one number: when it is as full as it can be. What is taken puts that off (GCRA), what is given
 * back brings it nearer.
 */
export type FullAt = number;

export function isFull(fullAt: FullAt, now: number): boolean {
  return fullAt <= now;
}

/** @param count below 0: given back */
export function takeFrom(fullAt: FullAt, count: number, { everyMs }: Refill, now: number): FullAt {
  return Math.max(fullAt, now) + count * everyMs;
}

/** Whole ones that are there; never below 0. */
export function countIn(fullAt: FullAt, { most, everyMs }: Refill, now: number): number {
  const missing = Math.max(0, fullAt - now) / everyMs;
  // A hair less than a whole one is one: times are fractions.
  return Math.max(0, Math.floor(most - missing + 1e-9));
}

/** Milliseconds until there is one. */
export function waitFor(fullAt: FullAt, { most, everyMs }: Refill, now: number): number {
  return Math.max(0, fullAt - now - (most - 1) * everyMs);
}
