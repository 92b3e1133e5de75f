import { elapsed } from "../format.ts";

/** Round moments to name on an axis from 0 to `wholeMs`: few enough to have room, none too near to its end. */
export function ticksOf(wholeMs: number): readonly number[] {
  const step = stepOf(wholeMs / MOST_TICKS);
  const count = Math.floor((wholeMs * LAST_SHARE) / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** `5 ms`, `2.5 ms` */
export function tickWords(ms: number): string {
  return elapsed(ms).replace(/\.0+ |(\.\d*?)0+ /, "$1 ");
}

const MOST_TICKS = 4;
/** A name that begins behind it would be cut off. */
const LAST_SHARE = 0.88;

/** The smallest of 1, 2, 5, 10, 20, … that is no less. */
function stepOf(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least * 0.999) ?? power * 10;
}
