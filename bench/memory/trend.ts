import { median } from "../rig/statistics.ts";

export interface Point {
  readonly at: number;
  readonly mib: number;
}

/** What a line does once it is warm. */
export interface MemoryTrend {
  /** Medians of the first and the last tenth of what is left behind the start. */
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** By the slope from there to the end, in MiB: below zero it falls. */
  readonly growth: number;
  readonly isFlat: boolean;
}

/** At the start caches fill and V8 compiles: that is no leak. */
const WARM_SHARE = 0.25;
/** What garbage collection leaves to chance. */
const SLACK_MIB = 8;
const SLACK_SHARE = 0.05;

/**
 * The slope is that of Theil and Sen, the median of the slopes between any two points: a saw's teeth, and a sample in the
 * middle of a collection, do not bend it. Undefined when there are too few points.
 */
export function readMemoryTrend(points: readonly Point[]): MemoryTrend | undefined {
  const warm = points.slice(Math.ceil(points.length * WARM_SHARE));
  const [start, end] = [warm[0], warm.at(-1)];
  if (start === undefined || end === undefined || end.at === start.at) return undefined;
  const values = warm.map(({ mib }) => mib);
  const tenth = Math.max(1, Math.floor(values.length / 10));
  const first = median(values.slice(0, tenth));
  const growth = slopeOf(warm) * (end.at - start.at);
  return {
    first,
    last: median(values.slice(-tenth)),
    most: Math.max(...values),
    growth,
    isFlat: growth <= Math.max(SLACK_MIB, first * SLACK_SHARE),
  };
}

function slopeOf(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries())
    for (const b of points.slice(index + 1)) if (b.at > a.at) slopes.push((b.mib - a.mib) / (b.at - a.at));
  return median(slopes);
}
