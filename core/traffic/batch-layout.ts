import { type Batch, frameHeaderBytes, recordHeaderBytes, recordType } from "./batch.ts";
import { TrafficError } from "./errors.ts";
import type { Origin } from "./records.ts";

/** Where the parts of a batch are. Nothing of it is believed: each size is checked before it is used. */
export interface RecordHeader {
  readonly type: 1 | 2 | 3;
  readonly origin: Origin;
  /** Index of the route's name. */
  readonly route: number;
  readonly session: number;
  readonly sequence: number;
  readonly time: number;
  /** The body, as offsets into the batch's bytes. */
  readonly start: number;
  readonly end: number;
}

/** One frame of a `frames` record. */
export interface WireFrame {
  readonly first: number;
  readonly isMasked: boolean;
  readonly maskKey: number;
  /** Its payload, as offsets. */
  readonly start: number;
  readonly end: number;
}

export function* readHeaders({ bytes, routes }: Batch): Generator<RecordHeader, void> {
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < recordHeaderBytes) throw broken(at, "half a record's header");
    const size = bytes.readUInt32LE(at + 4);
    if (size < recordHeaderBytes || size > bytes.length - at)
      throw broken(at, `a record of ${size} bytes where ${bytes.length - at} are left`);
    const type = bytes[at]!;
    const route = bytes.readUInt16LE(at + 2);
    const time = bytes.readDoubleLE(at + 16);
    if (!isRecordType(type)) throw broken(at, `a record of type ${type}`);
    if (route >= routes.length) throw broken(at, `route ${route} of ${routes.length}`);
    if (!Number.isFinite(time)) throw broken(at, "a time that is no number");
    yield {
      type,
      origin: bytes[at + 1] === 0 ? "client" : "server",
      route,
      session: bytes.readUInt32LE(at + 8),
      sequence: bytes.readUInt32LE(at + 12),
      time,
      start: at + recordHeaderBytes,
      end: at + size,
    };
    at += size;
  }
}

export function* readFrames(bytes: Buffer, { start, end }: RecordHeader): Generator<WireFrame, void> {
  let at = start;
  while (at < end) {
    const frame = readFrame(bytes, at, end);
    yield frame;
    at = frame.end;
  }
}

/** A batch's outline, by a walk over its headers. */
export interface BatchSummary {
  /** Each frame is one. */
  readonly records: number;
  readonly oldestTime: number;
  readonly newestTime: number;
}

/** @throws TrafficError `ERR_BATCH` */
export function summarise(batch: Batch): BatchSummary {
  let records = 0;
  let oldestTime = Number.POSITIVE_INFINITY;
  let newestTime = 0;
  for (const header of readHeaders(batch)) {
    if (header.type === recordType.frames) for (const _ of readFrames(batch.bytes, header)) records++;
    else records++;
    if (header.type === recordType.frame && header.end - header.start < frameHeaderBytes)
      throw broken(header.start, "half a frame's header");
    oldestTime = Math.min(oldestTime, header.time);
    newestTime = Math.max(newestTime, header.time);
  }
  return { records, oldestTime, newestTime };
}

export function broken(at: number, what: string): TrafficError {
  return new TrafficError("ERR_BATCH", `a batch of a worker is broken: at byte ${at} is ${what}`);
}

function isRecordType(type: number): type is RecordHeader["type"] {
  return type === recordType.frames || type === recordType.frame || type === recordType.json;
}

/** RFC 6455 section 5.2. The gateway's scanner does not serve here: a record may begin in the middle of a message. */
function readFrame(bytes: Buffer, at: number, end: number): WireFrame {
  if (end - at < 2) throw broken(at, "half a frame's header");
  const isMasked = (bytes[at + 1]! & 0x80) !== 0;
  const short = bytes[at + 1]! & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const start = at + 2 + lengthBytes + (isMasked ? 4 : 0);
  if (start > end) throw broken(at, "half a frame's header");
  const length =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(at + 2)
        : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  if (length > end - start) throw broken(at, `a frame of ${length} bytes where ${end - start} are left`);
  return {
    first: bytes[at]!,
    isMasked,
    maskKey: isMasked ? bytes.readUInt32BE(start - 4) : 0,
    start,
    end: start + length,
  };
}
