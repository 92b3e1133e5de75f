import { applyMask } from "../../wire/mask.ts";
import { parseFirstByte } from "../../wire/whole-frame.ts";
import type { Batch } from "./batch.ts";
import { parseJsonRecord } from "./json-record.ts";
import {
  broken,
  countFrames,
  FRAME_HEADER_BYTES,
  RECORD_TYPE,
  type RecordHeader,
  readFrameBody,
  readFrames,
  readHeaders,
} from "./layout.ts";
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
      seq += type === RECORD_TYPE.frames ? countFrames(batch.bytes, header) : 1;
      continue;
    }
    const place = {
      time,
      session: sessionId(batch.worker, header.session),
      // Checked with the header.
      route: batch.routes[header.route] as string,
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
      writeMs: null,
      unsentBytes: 0,
      outcome: rest.isDropped ? "dropped" : "spliced",
      steps: [],
      payload: shown(readMessage(`${origin}${header.session}`, frame)),
      after: null,
      replies: [],
      appended: [],
    });
    switch (type) {
      case RECORD_TYPE.frames: {
        let { sequence } = header;
        for (const { first, isMasked, maskKey, start, end } of readFrames(batch.bytes, header)) {
          const kept = unmask(batch.bytes, start, end, maskKey);
          const rest = { isMasked, maskKey, isDropped: false, sequence: sequence++ };
          yield record({ ...parseFirstByte(first), kept, length: end - start }, rest);
        }
        break;
      }
      case RECORD_TYPE.frame: {
        const { first, length, start, ...rest } = readFrameBody(batch.bytes, header);
        const kept = unmask(batch.bytes, start, header.end, rest.isMasked ? rest.maskKey : 0);
        yield record({ ...parseFirstByte(first), kept, length }, { ...rest, sequence: header.sequence });
        break;
      }
      case RECORD_TYPE.json:
        yield parseJsonRecord(batch.bytes, header, { seq: seq++, ...place });
    }
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
    records += header.type === RECORD_TYPE.frames ? countFrames(batch.bytes, header) : 1;
    if (header.type === RECORD_TYPE.frame && header.end - header.start < FRAME_HEADER_BYTES)
      throw broken(header.start, "half a frame's header");
    oldestTime = Math.min(oldestTime, header.time);
    newestTime = Math.max(newestTime, header.time);
  }
  return { records, oldestTime, newestTime };
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

function unmask(bytes: Buffer, start: number, end: number, key: number): Buffer {
  if (key === 0) return bytes.subarray(start, end);
  const plain = Buffer.from(bytes.subarray(start, end));
  applyMask(plain, 0, plain.length, key);
  return plain;
}
