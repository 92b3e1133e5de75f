import type { RedactionRules } from "../redaction/rules.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import { readRecords } from "../traffic/batch/reader.ts";
import { redactRecord } from "../traffic/record-redaction.ts";
import type { TrafficRecord } from "../traffic/records.ts";
import { createTimeSlice } from "../traffic/store/time-slice.ts";

/** Reads what workers have recorded, a little at a time: the supervisor has connections to hand out. */
export interface BatchReading {
  add(batch: Batch): void;
  /** Settles when all that was added has been read. */
  done(): Promise<void>;
}

export interface BatchReadingOptions {
  readonly rules: RedactionRules;
  /** One record after the other, redacted. */
  onRecord(record: TrafficRecord): void;
  /** Records that could not be read, or came faster than they could be. */
  onLost(records: number): void;
}

/** Bytes of batches that wait to be read. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export function createBatchReading({ rules, onRecord, onLost }: BatchReadingOptions): BatchReading {
  let waiting: Batch[] = [];
  let bytes = 0;
  let reading: Promise<void> | undefined;

  return {
    add(batch) {
      // Part of a larger buffer keeps all of it alive.
      const size = batch.bytes.buffer.byteLength;
      if (bytes + size > MAX_WAITING_BYTES) return onLost(batch.records);
      waiting.push(batch);
      bytes += size;
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
    },
    async done() {
      await reading;
    },
  };

  async function readAll(): Promise<void> {
    const slice = createTimeSlice();
    while (waiting.length > 0) {
      const batches = waiting;
      waiting = [];
      for (const batch of batches) {
        await read(batch, () => slice.pause());
        bytes -= batch.bytes.buffer.byteLength;
      }
    }
  }

  async function read(batch: Batch, pause: () => Promise<void> | undefined): Promise<void> {
    let count = 0;
    try {
      for (const raw of readRecords(batch, 0)) {
        onRecord(redactRecord(raw, rules));
        count++;
        const rest = pause();
        if (rest !== undefined) await rest;
      }
    } catch {
      // A batch that is broken ends where it is: the store says so too.
      onLost(Math.max(1, batch.records - count));
    }
  }
}
