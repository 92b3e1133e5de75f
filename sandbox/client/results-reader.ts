import { BATCH_HEADER, RESULT_INTS } from "../protocol.ts";

export interface ResultVisitor {
  /** Text, session and binary are views of the chunk they came in. */
  visit(
    instance: number,
    id: number,
    kind: number,
    bytes: Buffer,
    textStart: number,
    textLength: number,
    sessionLength: number,
    binaryStart: number,
    binaryLength: number,
  ): void;
}

const RECORD_BYTES = RESULT_INTS * 4;

/** Walk through a `results` frame. */
export function readResults(bytes: Buffer, start: number, visitor: ResultVisitor): void {
  const instance = bytes.readUInt32LE(start);
  const count = bytes.readUInt32LE(start + 4);
  const textBytes = bytes.readUInt32LE(start + 8);
  const records = start + BATCH_HEADER;
  let text = records + count * RECORD_BYTES;
  let binary = text + textBytes;
  for (let i = 0; i < count; i++) {
    const at = records + i * RECORD_BYTES;
    const textLength = bytes.readInt32LE(at + 8);
    const sessionLength = bytes.readInt32LE(at + 12);
    const binaryLength = bytes.readInt32LE(at + 16);
    const id = bytes.readInt32LE(at);
    const kind = bytes.readInt32LE(at + 4);
    visitor.visit(instance, id, kind, bytes, text, textLength, sessionLength, binary, binaryLength);
    text += textLength + Math.max(0, sessionLength);
    binary += binaryLength;
  }
}
