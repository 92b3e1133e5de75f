import { applyMask } from "../wire/mask.ts";
import { type Batch, frameHeaderBytes, recordType } from "./batch.ts";
import { broken, type RecordHeader, readFrames, readHeaders } from "./batch-layout.ts";
import { parseJsonRecord } from "./json-record.ts";
import { createMessageThreads } from "./message-thread.ts";
import type { FrameParts, RawPayload, RawRecord } from "./raw-record.ts";

/** Takes the part of a session's id that all sessions of a batch share. */
export function sessionId(worker: string, session: number): string {
  return `${worker}-${session.toString(36)}`;
}

/**
 * The records of a batch, one at a time, the first with this `seq`. A batch that is broken gives what comes before the
 * wrong place, and throws.
 *
 * @param isWanted whether to read the records with this header; what it says must be the same for all records of one
 *   session and direction, for their fragments belong together
 * @throws TrafficError `ERR_BATCH`
 */
export function* readRecords(
  batch: Batch,
  firstSeq: number,
  isWanted: (header: RecordHeader) => boolean = () => true,
): Generator<RawRecord, void> {
  const readMessage = createMessageThreads();
  let seq = firstSeq;
  for (const header of readHeaders(batch)) {
    const { origin, time, type } = header;
    if (!isWanted(header)) {
      if (type === recordType.frames) for (const _ of readFrames(batch.bytes, header)) seq++;
      else seq++;
      continue;
    }
    const place = {
      time,
      session: sessionId(batch.worker, header.session),
      route: batch.routes[header.route]!,
    };
    const record = (frame: FrameParts, rest: FrameRest): RawRecord => ({
      kind: "frame",
      seq: seq++,
      ...place,
      origin,
      opcode: frame.opcode,
      fin: frame.fin,
      isCompressed: frame.rsv1,
      maskKey: rest.isMasked ? rest.maskKey.toString(16).padStart(8, "0") : null,
      length: frame.length,
      sequence: rest.sequence,
      frames: 1,
      durationMs: 0,
      outcome: rest.isDropped ? "dropped" : "spliced",
      steps: [],
      payload: shown(readMessage(`${origin}${header.session}`, frame)),
      after: null,
      replies: [],
      appended: [],
    });
    switch (type) {
      case recordType.frames: {
        let { sequence } = header;
        for (const { first, isMasked, maskKey, start, end } of readFrames(batch.bytes, header)) {
          const kept = unmask(batch.bytes, start, end, maskKey);
          const rest = { isMasked, maskKey, isDropped: false, sequence: sequence++ };
          yield record({ ...firstByte(first), kept, length: end - start }, rest);
        }
        break;
      }
      case recordType.frame: {
        const { frame, rest } = readFrameRecord(batch.bytes, header);
        yield record(frame, rest);
        break;
      }
      case recordType.json:
        yield parseJsonRecord(batch.bytes, header, { seq: seq++, ...place });
    }
  }
}

interface FrameRest {
  readonly isMasked: boolean;
  readonly maskKey: number;
  readonly isDropped: boolean;
  readonly sequence: number;
}

/** Of a payload nothing may be kept, by the route's choice. */
function shown(payload: RawPayload): RawPayload | null {
  return payload.bytes.length === 0 && payload.length > 0 && payload.kind !== "unreadable" ? null : payload;
}

function readFrameRecord(bytes: Buffer, { start, end, sequence }: RecordHeader) {
  if (end - start < frameHeaderBytes) throw broken(start, "half a frame's header");
  const flags = bytes[start + 1]!;
  const maskKey = bytes.readUInt32LE(start + 4);
  const length = bytes.readDoubleLE(start + 8);
  const payloadAt = start + frameHeaderBytes;
  if (!Number.isSafeInteger(length) || length < end - payloadAt)
    throw broken(start, `a frame of ${length} bytes of which ${end - payloadAt} are kept`);
  const rest: FrameRest = {
    isMasked: (flags & 1) !== 0,
    maskKey,
    isDropped: (flags & 2) !== 0,
    sequence,
  };
  const kept = unmask(bytes, payloadAt, end, rest.isMasked ? maskKey : 0);
  return { frame: { ...firstByte(bytes[start]!), kept, length }, rest };
}

function firstByte(first: number) {
  return { fin: (first & 0x80) !== 0, rsv1: (first & 0x40) !== 0, opcode: first & 0x0f };
}

function unmask(bytes: Buffer, start: number, end: number, key: number): Buffer {
  if (key === 0) return bytes.subarray(start, end);
  const plain = Buffer.allocUnsafe(end - start);
  applyMask(bytes, start, end, key, 0, plain, 0);
  return plain;
}
