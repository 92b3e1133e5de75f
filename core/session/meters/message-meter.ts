import { boundsOf, PowerHistogram, type PowerScale } from "./power-histogram.ts";

/** Bytes: from 16 to 16 MiB. */
const SIZES: PowerScale = { from: 4, step: 2, bounds: 11 };

/** Microseconds: from 32 to two seconds. */
const LATENCIES: PowerScale = { from: 5, step: 1, bounds: 17 };

/** Of the buckets of latencies, in microseconds. */
export const latencyBounds = boundsOf(LATENCIES);

/** Reads of which one is timed. */
const EVERY = 16;

/** Messages of one read, on their way: they have left when all that came before has. */
export interface TimedRead {
  readonly meter: MessageMeter;
  /** On the clock of `performance.now`. */
  readonly startedAt: number;
  readonly messages: number;
}

/**
 * How large the messages of one side are, and how long they are in the gateway: of all sessions of a route in this process.
 * Sizes are counted of all of them; of the reads one in sixteen is timed, with two looks at the clock.
 */
export class MessageMeter {
  readonly sizes = new PowerHistogram(SIZES);
  readonly latencies = new PowerHistogram(LATENCIES);
  #untimed = 0;

  /** Whether the read that has come is to be timed. */
  isTimed(): boolean {
    if (this.#untimed > 0) {
      this.#untimed--;
      return false;
    }
    this.#untimed = EVERY - 1;
    return true;
  }

  addLatency(ms: number, messages: number): void {
    this.latencies.add(Math.ceil(ms * 1000), messages);
  }
}
