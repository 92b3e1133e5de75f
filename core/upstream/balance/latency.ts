/** Weight of the newest handshake. */
const NEWEST = 0.3;
/** An estimate without news is halved each so many milliseconds, so that a slow server is asked again some time. */
const HALF_LIFE_MS = 10_000;

/** A moving average of handshake times. Pure but for the clock it is given. */
export interface Latency {
  /** undefined before the first */
  readonly ms: number | undefined;
  record(ms: number): void;
}

export function createLatency(now: () => number): Latency {
  let average: number | undefined;
  let at = 0;
  return {
    get ms() {
      return average === undefined ? undefined : average * 0.5 ** ((now() - at) / HALF_LIFE_MS);
    },
    record(ms) {
      average = average === undefined ? ms : average + NEWEST * (ms - average);
      at = now();
    },
  };
}
