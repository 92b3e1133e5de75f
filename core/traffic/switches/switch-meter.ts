import type { BatchWriter } from "../batch/batch-writer.ts";

export type RecordWriter = Pick<BatchWriter, "json" | "unfinished" | "frame" | "frames">;

/** Counts what a switch brings, and lets no more through than it may. */
export class SwitchMeter {
  records = 0;
  readonly #most: number;

  /** @param maxRecords 0: as many as like to come */
  constructor(maxRecords: number) {
    this.#most = maxRecords === 0 ? Number.POSITIVE_INFINITY : maxRecords;
  }

  get isFull(): boolean {
    return this.records >= this.#most;
  }

  /** The writer, as far as there is room. */
  before(writer: RecordWriter): RecordWriter {
    return {
      json: (...record) => this.#take(1) && writer.json(...record),
      unfinished: (...record) => (this.#take(1) ? writer.unfinished(...record) : ignoreRest),
      frame: (...record) => this.#take(1) && writer.frame(...record),
      // A run is one piece: the last may go beyond.
      frames: (place, run) => this.#take(run.count) && writer.frames(place, run),
    };
  }

  #take(count: number): boolean {
    if (this.isFull) return false;
    this.records += count;
    return true;
  }
}

function ignoreRest(): void {
  // Its record is one too many.
}
