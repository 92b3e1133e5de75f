import { BATCH_HEADER, CALL_INTS, call, OP_BINARY, SHARED_CALLS } from "../protocol.ts";

/** A `calls` frame on its way into an isolate, in one entry or, when the guest leaves early, in several. */
export interface Batch {
  readonly isUpgrade: boolean;
  /** Copy the records not begun yet to the shared memory; gives how many there are. */
  stage(memory: Int32Array): number;
  text(): string;
  binary(): Uint8Array | undefined;
  /** The guest has begun so many of the staged records. @returns whether that was all. */
  advance(begun: number): boolean;
}

export function readInstance(bytes: Buffer, start: number): number {
  return bytes.readUInt32LE(start);
}

export function createBatch(bytes: Buffer, start: number, isUpgrade: boolean): Batch {
  const count = bytes.readUInt32LE(start + 4);
  const textBytes = bytes.readUInt32LE(start + 8);
  const binaryBytes = bytes.readUInt32LE(start + 12);
  const recordBytes = count * CALL_INTS * 4;
  const textStart = start + BATCH_HEADER + recordBytes;
  const records = new Int32Array(count * CALL_INTS);
  new Uint8Array(records.buffer).set(bytes.subarray(start + BATCH_HEADER, textStart));
  let text = bytes.toString("utf8", textStart, textStart + textBytes);
  if (text.length !== textBytes) text = readTexts(bytes, records, textStart);
  const binaryStart = textStart + textBytes;
  let binary = binaryBytes > 0 ? bytes.subarray(binaryStart, binaryStart + binaryBytes) : undefined;
  let next = 0;

  return {
    isUpgrade,
    stage(memory) {
      memory.set(next === 0 ? records : records.subarray(next * CALL_INTS), SHARED_CALLS);
      return count - next;
    },
    text: () => text,
    binary: () => binary,
    advance(begun) {
      if (next + begun >= count) return true;
      let units = 0;
      let binaries = 0;
      for (let at = next * CALL_INTS; at < (next + begun) * CALL_INTS; at += CALL_INTS) {
        const textLength = records[at + call.text] as number;
        units += textLength;
        if (isBinaryCall(records, at)) binaries += records[at + call.size] as number;
      }
      text = text.slice(units);
      binary = binary?.subarray(binaries);
      next += begun;
      return false;
    },
  };
}

/** Not ASCII: decode each text by itself, to learn its length in UTF-16. */
function readTexts(bytes: Buffer, records: Int32Array, start: number): string {
  let text = "";
  let at = start;
  for (let i = call.text; i < records.length; i += CALL_INTS) {
    const length = records[i] as number;
    if (length === 0) continue;
    const own = bytes.toString("utf8", at, at + length);
    records[i] = own.length;
    text += own;
    at += length;
  }
  return text;
}

function isBinaryCall(records: Int32Array, at: number): boolean {
  return ((records[at + call.op] as number) & OP_BINARY) !== 0;
}
