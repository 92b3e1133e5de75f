import type { FrameRun } from "../session/tap/traffic-tap.ts";
import { type Batch, type BatchPurpose, frameHeaderBytes, recordHeaderBytes, recordType } from "./batch.ts";
import type { Origin } from "./records.ts";

export interface BatchTaker {
  /** Takes a batch over; false when it cannot: it is lost then, and counted. */
  take(batch: Batch): boolean;
  /** A buffer of `batchBytes` to write the next one in, if there is one that nobody needs any more. */
  spare(): Buffer<ArrayBuffer> | undefined;
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

export interface FrameHeader {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly maskKey: number;
  readonly length: number;
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

  constructor(worker: string, purpose: BatchPurpose, taker: BatchTaker) {
    this.#worker = worker;
    this.#purpose = purpose;
    this.#taker = taker;
  }

  /** Whole frames as they were on the wire, the first of them with this sequence. */
  frames(place: RecordPlace, { chunk, from, to, count }: Omit<FrameRun, "time">): void {
    const at = this.#begin(recordType.frames, place, to - from, count);
    chunk.copy(this.#bytes, at, from, to);
  }

  frame(place: RecordPlace, header: FrameHeader, isDropped: boolean, kept: Uint8Array): void {
    const at = this.#begin(recordType.frame, place, frameHeaderBytes + kept.length, 1);
    const bytes = this.#bytes;
    const { fin, rsv1, opcode, maskKey, length } = header;
    bytes[at] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
    bytes[at + 1] = (place.origin === "client" ? 1 : 0) | (isDropped ? 2 : 0);
    bytes[at + 2] = 0;
    bytes[at + 3] = 0;
    bytes.writeUInt32LE(maskKey, at + 4);
    bytes.writeDoubleLE(length, at + 8);
    bytes.set(kept, at + frameHeaderBytes);
  }

  /** A record in its own words, and the payloads that it refers to by their lengths, in order. */
  json(place: RecordPlace, record: object, blobs: readonly Uint8Array[] = []): void {
    const text = Buffer.from(JSON.stringify(record));
    const size = blobs.reduce((sum, { length }) => sum + length, 4 + text.length);
    let at = this.#begin(recordType.json, place, size, 1);
    this.#bytes.writeUInt32LE(text.length, at);
    at += 4;
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
  #begin(type: number, place: RecordPlace, bodyBytes: number, count: number): number {
    const size = recordHeaderBytes + bodyBytes;
    if (this.#end + size > this.#bytes.length) {
      this.flush();
      this.#bytes = this.#nextBuffer(size);
    }
    this.#timer ??= setTimeout(() => this.flush(), delayMs).unref();
    const at = this.#end;
    const bytes = this.#bytes;
    bytes[at] = type;
    bytes[at + 1] = place.origin === "client" ? 0 : 1;
    bytes.writeUInt16LE(this.#routeIndex(place.route), at + 2);
    bytes.writeUInt32LE(size, at + 4);
    bytes.writeUInt32LE(place.session, at + 8);
    bytes.writeUInt32LE(place.sequence >>> 0, at + 12);
    bytes.writeDoubleLE(place.time, at + 16);
    this.#end += size;
    this.#records += count;
    return at + recordHeaderBytes;
  }

  #nextBuffer(size: number): Buffer<ArrayBuffer> {
    const spare = size <= batchBytes ? this.#taker.spare() : undefined;
    return spare !== undefined && spare.length === batchBytes
      ? spare
      : Buffer.allocUnsafeSlow(Math.max(batchBytes, size));
  }

  #routeIndex(route: string): number {
    const known = this.#routes.indexOf(route);
    return known >= 0 ? known : this.#routes.push(route) - 1;
  }
}

export const batchBytes = 64 * 1024;

/** Long enough to fill batches under load, short enough to look at once to a person. */
const delayMs = 50;
