import type { TrafficConfig } from "../../config/index.ts";
import type { FrameRun } from "../../session/tap/traffic-tap.ts";
import type { Origin } from "../records.ts";
import type { Batch, BatchPurpose } from "./batch.ts";
import {
  FRAME_HEADER_BYTES,
  type FrameHeader,
  JSON_SIZE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPE,
  type RecordHead,
  type RecordType,
  writeFrameHeader,
  writeJsonSize,
  writeRecordHead,
} from "./layout.ts";

export interface BatchTaker {
  /** Takes a batch over; false when it cannot: it is lost then, and counted. */
  take(batch: Batch): boolean;
  /** A buffer of `BATCH_BYTES` to write the next one in, if there is one that nobody needs any more. */
  spare(): Buffer<ArrayBuffer> | undefined;
  /** What of it is kept from now on, by whoever gets it. */
  suit(kept: TrafficConfig): void;
}

/** Where a record belongs. */
export interface RecordPlace {
  readonly route: string;
  /** The number in the session's id. */
  readonly session: number;
  readonly origin: Origin;
  /** Of its direction and session. */
  readonly sequence: number;
  /** Ms since 1970. */
  readonly time: number;
}

/** Tells the end of a record that has its place already. */
export type FinishRecord = (rest: object) => void;

/** Writes records one behind the other and ships them, many at a time: when a batch is full, or a moment after the first. */
export class BatchWriter {
  readonly #worker: string;
  readonly #purpose: BatchPurpose;
  readonly #taker: BatchTaker;
  #bytes = Buffer.alloc(0);
  #end = 0;
  #records = 0;
  #dropped = 0;
  #routes: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Records that are to be finished in this turn; what is full waits for them, and for nothing else. */
  #unfinished = 0;
  #full: Omit<Batch, "dropped">[] = [];
  /** Counts what was shipped: nothing is written into that any more. */
  #shipments = 0;
  /** Of the record being written, made once. */
  readonly #head: { -readonly [Key in keyof RecordHead]: RecordHead[Key] } = {
    type: RECORD_TYPE.json,
    origin: "client",
    route: 0,
    session: 0,
    sequence: 0,
    time: 0,
  };

  constructor(worker: string, purpose: BatchPurpose, taker: BatchTaker) {
    this.#worker = worker;
    this.#purpose = purpose;
    this.#taker = taker;
  }

  /** Whole frames as they were on the wire, the first of them with this sequence. */
  frames(place: RecordPlace, { chunk, from, to, count }: Omit<FrameRun, "time">): void {
    const at = this.#begin(RECORD_TYPE.frames, place, to - from, count);
    chunk.copy(this.#bytes, at, from, to);
  }

  frame(place: RecordPlace, header: FrameHeader, isDropped: boolean, kept: Uint8Array): void {
    const at = this.#begin(RECORD_TYPE.frame, place, FRAME_HEADER_BYTES + kept.length, 1);
    writeFrameHeader(this.#bytes, at, header, { isMasked: place.origin === "client", isDropped });
    this.#bytes.set(kept, at + FRAME_HEADER_BYTES);
  }

  /** A record in its own words, and the payloads that it refers to by their lengths, in order. */
  json(place: RecordPlace, record: object, blobs: readonly Uint8Array[] = []): void {
    this.#json(place, JSON.stringify(record), blobs);
  }

  /**
   * The same of a record whose last fields are known at the end of the turn: its place is among what is written now.
   *
   * @param rest those fields as they are until they are told
   */
  unfinished(
    place: RecordPlace,
    { record, rest }: { readonly record: object; readonly rest: object },
    blobs: readonly Uint8Array[],
  ): FinishRecord {
    const start = JSON.stringify(record).slice(0, -1);
    const end = this.#json(place, start + toEnd(rest), blobs);
    const bytes = this.#bytes;
    const shipments = this.#shipments;
    this.#unfinished++;
    return (told) => {
      if (shipments !== this.#shipments) return;
      bytes.write(toEnd(told), end - REST_BYTES, REST_BYTES, "latin1");
      if (--this.#unfinished === 0) this.#shipFull();
    };
  }

  /** With what is not finished, as it is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endBatch();
    this.#shipFull();
    this.#unfinished = 0;
    this.#shipments++;
  }

  #endBatch(): void {
    if (this.#records === 0) return;
    this.#full.push({
      bytes: this.#bytes.subarray(0, this.#end),
      records: this.#records,
      worker: this.#worker,
      routes: this.#routes,
      purpose: this.#purpose,
    });
    // What is shipped is not ours any more.
    this.#bytes = Buffer.alloc(0);
    this.#end = 0;
    this.#records = 0;
    this.#routes = [];
  }

  #shipFull(): void {
    const full = this.#full;
    this.#full = [];
    for (const batch of full) {
      if (this.#taker.take({ ...batch, dropped: this.#dropped })) this.#dropped = 0;
      else this.#dropped += batch.records;
    }
  }

  /** @returns where its text ends */
  #json(place: RecordPlace, json: string, blobs: readonly Uint8Array[]): number {
    const text = Buffer.from(json);
    const size = blobs.reduce((sum, { length }) => sum + length, JSON_SIZE_BYTES + text.length);
    const start = this.#begin(RECORD_TYPE.json, place, size, 1);
    writeJsonSize(this.#bytes, start, text.length);
    let at = start + JSON_SIZE_BYTES;
    for (const part of [text, ...blobs]) {
      this.#bytes.set(part, at);
      at += part.length;
    }
    return start + JSON_SIZE_BYTES + text.length;
  }

  /** @returns where the body goes */
  #begin(type: RecordType, place: RecordPlace, bodyBytes: number, count: number): number {
    const size = RECORD_HEADER_BYTES + bodyBytes;
    if (this.#end + size > this.#bytes.length) {
      if (this.#unfinished === 0) this.flush();
      else this.#endBatch();
      this.#bytes = this.#nextBuffer(size);
    }
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS).unref();
    const at = this.#end;
    const head = this.#head;
    head.type = type;
    head.origin = place.origin;
    head.route = this.#routeIndex(place.route);
    head.session = place.session;
    head.sequence = place.sequence;
    head.time = place.time;
    writeRecordHead(this.#bytes, at, size, head);
    this.#end += size;
    this.#records += count;
    return at + RECORD_HEADER_BYTES;
  }

  #nextBuffer(size: number): Buffer<ArrayBuffer> {
    const spare = size <= BATCH_BYTES ? this.#taker.spare() : undefined;
    return spare !== undefined && spare.length === BATCH_BYTES
      ? spare
      : Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES, size));
  }

  #routeIndex(route: string): number {
    const known = this.#routes.indexOf(route);
    return known >= 0 ? known : this.#routes.push(route) - 1;
  }
}

/** Two numbers with their names, whatever they are. */
const REST_BYTES = 80;

/** The last fields of a JSON object, always as long: space behind it is no matter to JSON. */
function toEnd(rest: object): string {
  return `,${JSON.stringify(rest).slice(1)}`.padEnd(REST_BYTES);
}

export const BATCH_BYTES = 64 * 1024;

/** Long enough to fill batches under load, short enough to look at once to a person. */
const DELAY_MS = 50;
