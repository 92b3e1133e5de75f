/**
 * The clock for what lasts so long, or ends by then: milliseconds since some moment that is the same for all processes
 * of the machine, so that one may send another a time of it. Unlike the time of day it cannot be set.
 */
export function machineNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** For people: what the time of day is then, if nobody sets it meanwhile. */
export function timeOfDay(at: number): number {
  return Math.round(Date.now() + at - machineNow());
}
