import { RESULT_INTS, RESULTS_HEADER, result } from "../protocol.ts";

/** One result of a `results` frame. Written over for the next: take what is to be kept. */
export interface WireResult {
  instance: number;
  id: number;
  kind: number;
  /** The chunk that all of this lies in. */
  bytes: Buffer;
  textStart: number;
  textLength: number;
  /** -1: the checkpoint has not changed. */
  sessionLength: number;
  binaryStart: number;
  binaryLength: number;
  /** Microseconds in the isolate: an even share of what all results of the frame took. */
  spentUs: number;
}

const RECORD_BYTES = RESULT_INTS * 4;

export function createResultsReader(
  onResult: (one: WireResult) => void,
): (bytes: Buffer, start: number) => void {
  const one = { instance: 0, id: 0, kind: 0, bytes: Buffer.alloc(0) } as WireResult;
  return (bytes, start) => {
    one.instance = bytes.readUInt32LE(start);
    one.bytes = bytes;
    const count = bytes.readUInt32LE(start + 4);
    const records = start + RESULTS_HEADER;
    one.textStart = records + count * RECORD_BYTES;
    one.binaryStart = one.textStart + bytes.readUInt32LE(start + 8);
    one.spentUs = bytes.readUInt32LE(start + 16) / count;
    for (let i = 0; i < count; i++) {
      const at = records + i * RECORD_BYTES;
      one.id = bytes.readInt32LE(at + result.id * 4);
      one.kind = bytes.readInt32LE(at + result.kind * 4);
      one.textLength = bytes.readInt32LE(at + result.text * 4);
      one.sessionLength = bytes.readInt32LE(at + result.session * 4);
      one.binaryLength = bytes.readInt32LE(at + result.binary * 4);
      onResult(one);
      one.textStart += one.textLength + Math.max(0, one.sessionLength);
      one.binaryStart += one.binaryLength;
    }
  };
}

export function textOf({ bytes, textStart, textLength }: WireResult): Uint8Array {
  return view(bytes, textStart, textLength);
}

export function binaryOf({ bytes, binaryStart, binaryLength }: WireResult): Uint8Array {
  return view(bytes, binaryStart, binaryLength);
}

/** The checkpoint of the session that came with the result. */
export function sessionOf({ bytes, textStart, textLength, sessionLength }: WireResult): string | undefined {
  if (sessionLength < 0) return undefined;
  const start = textStart + textLength;
  return bytes.toString("utf8", start, start + sessionLength);
}

function view(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}
