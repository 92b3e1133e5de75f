import { firstByteOf, readWholeFrame, type WholeFrame } from "../../wire/whole-frame.ts";
import { TrafficError } from "../errors.ts";
import type { Origin } from "../records.ts";
import type { Batch, BatchPurpose } from "./batch.ts";

/**
 * How workers hand records to the supervisor: many at a time, as bytes, in the order they happened. Small frames that
 * passed without a policy lie in it as they were on the wire; nobody looks into them before somebody reads.
 *
 *   batch:   u32 size of the batch │ u32 records in it │ u32 records dropped since the last batch │ u32 size of `names`
 *            names: JSON { worker, purpose, routes: string[], mark? } │ records, one after the other
 *   record:  u8 type │ u8 origin (0 client, 1 server) │ u16 route │ u32 size of the record │ u32 session
 *            u32 sequence │ f64 time │ body          (all little endian; a session's id is `${worker}-${base36}`)
 *
 *   frames   body: whole frames as they were on the wire; the first has this `sequence`
 *   frame    body: u8 first byte of its header │ u8 1: masked, 2: dropped, not passed on │ u16 0 │ u32 mask key │
 *            f64 length │ kept payload, masked as on the wire; its record's `time` is when its last byte came
 *   json     body: u32 size of the JSON │ JSON │ blobs that the JSON refers to by their lengths
 *
 * What is written here is believed; of what is read nothing is: each size is checked before it is used.
 */

export const RECORD_TYPE = { frames: 1, frame: 2, json: 3 } as const;
export type RecordType = (typeof RECORD_TYPE)[keyof typeof RECORD_TYPE];

/** What a batch begins with: enough to know how long it is. */
export const SIZE_BYTES = 4;
const BATCH_HEADER_BYTES = 16;
export const RECORD_HEADER_BYTES = 24;
export const FRAME_HEADER_BYTES = 16;
export const JSON_SIZE_BYTES = 4;

/** Of a `Date`, in either direction. */
const LAST_TIME = 8.64e15;

const MASKED = 1;
const DROPPED = 2;

/** Far above what a worker makes: the largest is one record with its payloads. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

/** What goes before a batch's records. */
export function encodeBatchHead({ bytes, records, dropped, worker, purpose, routes, mark }: Batch): Buffer {
  const names = Buffer.from(JSON.stringify({ worker, purpose, routes, mark }));
  const head = Buffer.allocUnsafe(BATCH_HEADER_BYTES + names.length);
  head.writeUInt32LE(BATCH_HEADER_BYTES + names.length + bytes.length, 0);
  head.writeUInt32LE(records, 4);
  head.writeUInt32LE(dropped, 8);
  head.writeUInt32LE(names.length, 12);
  head.set(names, BATCH_HEADER_BYTES);
  return head;
}

/** @param head the first `SIZE_BYTES` of a batch */
export function readBatchSize(head: Buffer): number {
  const size = head.readUInt32LE(0);
  if (size < BATCH_HEADER_BYTES || size > MAX_BATCH_BYTES) throw new Error(`a batch of ${size} bytes`);
  return size;
}

/** @param whole as many bytes as `readBatchSize` said */
export function readBatch(whole: Buffer): Batch {
  const namesEnd = BATCH_HEADER_BYTES + whole.readUInt32LE(12);
  const names = JSON.parse(whole.toString("utf8", BATCH_HEADER_BYTES, namesEnd)) as {
    worker: string;
    purpose: BatchPurpose;
    routes: readonly string[];
    mark?: number;
  };
  return {
    ...names,
    bytes: whole.subarray(namesEnd),
    records: whole.readUInt32LE(4),
    dropped: whole.readUInt32LE(8),
  };
}

export interface RecordHead {
  readonly type: RecordType;
  readonly origin: Origin;
  /** Index of the route's name. */
  readonly route: number;
  readonly session: number;
  readonly sequence: number;
  readonly time: number;
}

/** @param size of the whole record, its body with it */
export function writeRecordHead(bytes: Buffer, at: number, size: number, head: RecordHead): void {
  bytes[at] = head.type;
  bytes[at + 1] = head.origin === "client" ? 0 : 1;
  bytes.writeUInt16LE(head.route, at + 2);
  bytes.writeUInt32LE(size, at + 4);
  bytes.writeUInt32LE(head.session, at + 8);
  bytes.writeUInt32LE(head.sequence >>> 0, at + 12);
  bytes.writeDoubleLE(head.time, at + 16);
}

/** A record in a batch: its header, and where in the batch's bytes its body is. */
export interface RecordHeader extends RecordHead {
  readonly start: number;
  readonly end: number;
}

/** @throws TrafficError `ERR_BATCH` where the batch is broken, after what comes before that place */
export function* readHeaders({ bytes, routes }: Batch): Generator<RecordHeader, void> {
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < RECORD_HEADER_BYTES) throw broken(at, "half a record's header");
    const size = bytes.readUInt32LE(at + 4);
    if (size < RECORD_HEADER_BYTES || size > bytes.length - at)
      throw broken(at, `a record of ${size} bytes where ${bytes.length - at} are left`);
    const type = bytes.readUInt8(at);
    const route = bytes.readUInt16LE(at + 2);
    const time = bytes.readDoubleLE(at + 16);
    if (!isRecordType(type)) throw broken(at, `a record of type ${type}`);
    if (route >= routes.length) throw broken(at, `route ${route} of ${routes.length}`);
    if (!(Math.abs(time) <= LAST_TIME)) throw broken(at, "a time that is none");
    yield {
      type,
      origin: bytes[at + 1] === 0 ? "client" : "server",
      route,
      session: bytes.readUInt32LE(at + 8),
      sequence: bytes.readUInt32LE(at + 12),
      time,
      start: at + RECORD_HEADER_BYTES,
      end: at + size,
    };
    at += size;
  }
}

/** The frames of a `frames` record. */
export function* readFrames(bytes: Buffer, { start, end }: RecordHeader): Generator<WholeFrame, void> {
  for (let at = start; at < end; ) {
    const frame = readFrameAt(bytes, at, end);
    yield frame;
    at = frame.end;
  }
}

/** How many frames a `frames` record has: as `readFrames` finds them, at a fraction of its cost. */
export function countFrames(bytes: Buffer, { start, end }: RecordHeader): number {
  let count = 0;
  for (let at = start; at < end; at = readFrameAt(bytes, at, end).end) count++;
  return count;
}

function readFrameAt(bytes: Buffer, at: number, end: number): WholeFrame {
  const frame = readWholeFrame(bytes, at, end);
  if ("problem" in frame) throw broken(at, frame.problem);
  return frame;
}

export interface FrameHeader {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly maskKey: number;
  /** Of the whole payload, on the wire. */
  readonly length: number;
}

export interface FrameMarks {
  readonly isMasked: boolean;
  readonly isDropped: boolean;
}

/** Of a `frame` record all but the kept payload, which goes behind it. */
export function writeFrameHeader(bytes: Buffer, at: number, header: FrameHeader, marks: FrameMarks): void {
  bytes[at] = firstByteOf(header);
  bytes[at + 1] = (marks.isMasked ? MASKED : 0) | (marks.isDropped ? DROPPED : 0);
  bytes.writeUInt16LE(0, at + 2);
  bytes.writeUInt32LE(header.maskKey, at + 4);
  bytes.writeDoubleLE(header.length, at + 8);
}

/** The frame of a `frame` record; from `start` to the record's end lies what was kept of its payload. */
export interface FrameBody extends FrameMarks {
  readonly first: number;
  readonly maskKey: number;
  readonly length: number;
  readonly start: number;
}

export function readFrameBody(bytes: Buffer, { start: at, end }: RecordHeader): FrameBody {
  if (end - at < FRAME_HEADER_BYTES) throw broken(at, "half a frame's header");
  const marks = bytes.readUInt8(at + 1);
  const length = bytes.readDoubleLE(at + 8);
  const start = at + FRAME_HEADER_BYTES;
  if (!Number.isSafeInteger(length) || length < end - start)
    throw broken(at, `a frame of ${length} bytes of which ${end - start} are kept`);
  return {
    first: bytes.readUInt8(at),
    isMasked: (marks & MASKED) !== 0,
    isDropped: (marks & DROPPED) !== 0,
    maskKey: bytes.readUInt32LE(at + 4),
    length,
    start,
  };
}

/** Of a `json` record the size of the JSON, which goes behind it. */
export function writeJsonSize(bytes: Buffer, at: number, size: number): void {
  bytes.writeUInt32LE(size, at);
}

/** The JSON of a `json` record, as offsets; from there to the record's end lie its blobs. */
export function readJsonRange(
  bytes: Buffer,
  { start, end }: RecordHeader,
): { readonly from: number; readonly to: number } {
  const from = start + JSON_SIZE_BYTES;
  if (from > end) throw broken(start, "half a JSON record");
  const size = bytes.readUInt32LE(start);
  if (size > end - from) throw broken(start, `JSON of ${size} bytes where ${end - from} are left`);
  return { from, to: from + size };
}

export function broken(at: number, what: string): TrafficError {
  return new TrafficError("ERR_BATCH", `a batch of a worker is broken: at byte ${at} is ${what}`);
}

function isRecordType(type: number): type is RecordType {
  return type === RECORD_TYPE.frames || type === RECORD_TYPE.frame || type === RECORD_TYPE.json;
}
