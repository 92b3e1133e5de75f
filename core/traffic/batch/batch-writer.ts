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
    const text = Buffer.from(JSON.stringify(record));
    const size = blobs.reduce((sum, { length }) => sum + length, JSON_SIZE_BYTES + text.length);
    let at = this.#begin(RECORD_TYPE.json, place, size, 1);
    writeJsonSize(this.#bytes, at, text.length);
    at += JSON_SIZE_BYTES;
    for (const part of [text, ...blobs]) {
      this.#bytes.set(part, at);
      at += part.length;
    }
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#records === 0) return;
    const batch: Batch = {
      bytes: this.#bytes.subarray(0, this.#end),
      records: this.#records,
      dropped: this.#dropped,
      worker: this.#worker,
      routes: this.#routes,
      purpose: this.#purpose,
    };
    if (this.#taker.take(batch)) this.#dropped = 0;
    else this.#dropped += this.#records;
    // The one that was taken is not ours any more.
    this.#bytes = Buffer.alloc(0);
    this.#end = 0;
    this.#records = 0;
    this.#routes = [];
  }

  /** @returns where the body goes */
  #begin(type: RecordType, place: RecordPlace, bodyBytes: number, count: number): number {
    const size = RECORD_HEADER_BYTES + bodyBytes;
    if (this.#end + size > this.#bytes.length) {
      this.flush();
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

export const BATCH_BYTES = 64 * 1024;

/** Long enough to fill batches under load, short enough to look at once to a person. */
const DELAY_MS = 50;
