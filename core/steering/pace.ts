/** How what is done to many sessions is spread over time. */
export interface Pace {
  /** Over at least so long, at even distances. 0: no longer than the rate takes. */
  readonly overMs: number;
  /** So many a second at most. 0: no limit. */
  readonly perSecond: number;
  /** From 0 to 1: how much of its own stretch of time each may come late, so that several gateways are not in step. */
  readonly jitter: number;
}

/** All at once. */
export const NO_PACE: Pace = { overMs: 0, perSecond: 0, jitter: 0 };

/** How long it is from the first to the end of the stretch of the last. */
export function paceLength(count: number, { overMs, perSecond }: Pace): number {
  return perSecond === 0 ? overMs : Math.max(overMs, (count / perSecond) * 1000);
}

/**
 * When each of them is due, in milliseconds from the beginning, the earliest first. Each has a stretch of the same length, so
 * that with jitter, too, a second has one more than `perSecond` at most.
 */
export function dueTimes(count: number, pace: Pace, random: () => number = Math.random): number[] {
  const stretchMs = count === 0 ? 0 : paceLength(count, pace) / count;
  return Array.from({ length: count }, (_, index) => stretchMs * (index + pace.jitter * random()));
}
