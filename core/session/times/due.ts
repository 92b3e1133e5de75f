/** The two kinds of time, as of one moment. */
export interface Moment {
  /** Milliseconds of a clock that does not jump: that of the deadlines. */
  readonly machine: number;
  /** The time of day, milliseconds since 1970: it can be set at any moment. */
  readonly day: number;
}

/** When something is to be done, on one of the two. */
export interface Due {
  readonly clock: keyof Moment;
  readonly at: number;
}

/** How often the time of day is looked at, which can be set while something waits for it. */
const CLOCK_CHECK_MS = 60_000;

export function isDue(due: Due, now: Moment): boolean {
  return due.at <= now[due.clock];
}

/** When to look whether it is due, on the machine's clock. */
export function lookAt({ clock, at }: Due, now: Moment): number {
  return clock === "machine" ? at : now.machine + Math.min(at - now.day, CLOCK_CHECK_MS);
}

export function lateBy({ clock, at }: Due, now: Moment): number {
  return Math.max(0, Math.round(now[clock] - at));
}
