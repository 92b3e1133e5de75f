import { z } from "zod";
import { DURATION, parseDuration, parseRate, parseSize, RATE, SIZE } from "../amounts.ts";
import { inputTypes } from "./schema-parts.ts";

/** A number and a unit: `"250ms"`, `"15s"`, `"5m"`, `"1h"`, `"2d"`. */
export type Duration = string;

/** A number of bytes, or a number and a unit: `"64KiB"`, `"1MiB"`, `"2GiB"`. */
export type Size = number | string;

/** Node's timers fire at once when asked to wait longer than this, about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const DURATION_HINT = 'a duration such as "250ms", "15s", "5m", "1h" or "2d"';

/** A time limit that can be switched off: milliseconds, 0 for unlimited. */
export function durationOrZero(zero = "unlimited") {
  const error = `${DURATION_HINT}, or 0 for ${zero}`;
  return z
    .union([durationText(error), z.literal(0, { error })], { error })
    .transform((value, context) => (value === 0 ? 0 : toMilliseconds(value, context)));
}

/** A time limit that must be there, of at least a millisecond. */
export function limitedDuration() {
  return durationText(DURATION_HINT).transform((value, context) => {
    const ms = toMilliseconds(value, context);
    if (ms < 1) context.addIssue({ code: "custom", message: `${DURATION_HINT}, of at least 1ms` });
    return ms;
  });
}

/** A time that no timer waits for, so that it may be as long as one likes; 0 for none. */
export function longDuration() {
  const error = `${DURATION_HINT}, or 0 for none`;
  return z
    .union([durationText(error), z.literal(0, { error })], { error })
    .transform((value) => (value === 0 ? 0 : Math.round(parseDuration(value) ?? 0)));
}

/** So many in a time: a number a second comes out; 0 for no limit. */
export function rateOrZero(zero: string) {
  const error = `a rate such as "50/s" or "600/m", or 0 for ${zero}`;
  return z
    .union([z.string({ error }).regex(RATE, { error }), z.literal(0, { error })], { error })
    .transform((value) => (value === 0 ? 0 : (parseRate(value) ?? 0)));
}

/** A number of bytes, or text with a unit; whole bytes come out. */
export function size(minBytes: number, minText: string) {
  const error = `a number of bytes or a size such as "64KiB" or "1MiB", at least ${minText}`;
  return z
    .union([z.string({ error }).regex(SIZE, { error }), z.int({ error }).min(minBytes, { error })], { error })
    .register(inputTypes, { name: "Size" })
    .transform((value, context) => {
      const bytes = typeof value === "number" ? value : (parseSize(value) ?? 0);
      if (bytes < minBytes) context.addIssue({ code: "custom", message: error });
      return bytes;
    });
}

function durationText(error: string) {
  return z.string({ error }).regex(DURATION, { error }).register(inputTypes, { name: "Duration" });
}

function toMilliseconds(value: string, context: z.RefinementCtx<string | 0>): number {
  const ms = Math.round(parseDuration(value) ?? 0);
  if (ms > MAX_TIMER_MS) context.addIssue({ code: "custom", message: "a duration of at most 24d" });
  return ms;
}
