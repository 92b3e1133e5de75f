import type { SinkRecord } from "../sink.ts";

/** Records that wait for their sink, oldest first, within a bound. */
export interface RecordQueue {
  readonly bytes: number;
  readonly records: number;
  /** @returns false where there is no room */
  add(record: SinkRecord): boolean;
  /** The oldest, as many as one write takes. They stay until they are `drop`ped. */
  batch(): readonly SinkRecord[];
  /** Whether a batch is full. */
  readonly isFull: boolean;
  drop(records: number): void;
}

/** What goes to a sink at once. */
const MAX_BATCH_RECORDS = 1000;
const MAX_BATCH_BYTES = 1024 * 1024;
/** What a record takes beside its JSON, about. */
const OVERHEAD_BYTES = 300;

export function createRecordQueue(maxBytes: number): RecordQueue {
  let waiting: SinkRecord[] = [];
  let bytes = 0;

  return {
    get bytes() {
      return bytes;
    },
    get records() {
      return waiting.length;
    },
    get isFull() {
      return waiting.length >= MAX_BATCH_RECORDS || bytes >= MAX_BATCH_BYTES;
    },
    add(record) {
      const size = sizeOf(record);
      if (bytes + size > maxBytes) return false;
      waiting.push(record);
      bytes += size;
      return true;
    },
    batch() {
      let size = 0;
      let count = 0;
      for (const record of waiting) {
        size += sizeOf(record);
        if (count > 0 && (count === MAX_BATCH_RECORDS || size > MAX_BATCH_BYTES)) break;
        count++;
      }
      return waiting.slice(0, count);
    },
    drop(records) {
      for (const record of waiting.slice(0, records)) bytes -= sizeOf(record);
      waiting = waiting.slice(records);
    },
  };
}

function sizeOf({ json }: SinkRecord): number {
  return 2 * json.length + OVERHEAD_BYTES;
}
