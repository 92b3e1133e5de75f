import type { FrameWriter } from "../frames.ts";
import {
  FRAME_HEADER,
  frameKind,
  RESULT_INTS,
  RESULTS_HEADER,
  result,
  SHARED_RESULTS,
  shared,
} from "../protocol.ts";

/**
 * Write the results that lie in the shared memory as one frame.
 *
 * @returns whether there were any
 */
export function writeResults(
  out: FrameWriter,
  instance: number,
  memory: Int32Array,
  text: string,
  takeBinary: () => Uint8Array,
  spentUs: number,
): boolean {
  const count = memory[shared.results] as number;
  if (count === 0) return false;
  const binary = memory[shared.binary] ? takeBinary() : undefined;
  const start = out.end;
  const recordBytes = count * RESULT_INTS * 4;
  out.reserve(FRAME_HEADER + RESULTS_HEADER + recordBytes + text.length * 3 + (binary?.length ?? 0));
  const { bytes } = out;
  const records = start + FRAME_HEADER + RESULTS_HEADER;
  bytes.set(new Uint8Array(memory.buffer, SHARED_RESULTS * 4, recordBytes), records);

  const textStart = records + recordBytes;
  let textBytes = bytes.write(text, textStart);
  if (textBytes !== text.length) textBytes = writeTexts(bytes, records, count, text, textStart);
  out.end = textStart + textBytes;
  if (binary) {
    bytes.set(binary, out.end);
    out.end += binary.length;
  }
  const head = start + FRAME_HEADER;
  bytes.writeUInt32LE(instance, head);
  bytes.writeUInt32LE(count, head + 4);
  bytes.writeUInt32LE(textBytes, head + 8);
  bytes.writeUInt32LE(binary?.length ?? 0, head + 12);
  bytes.writeUInt32LE(spentUs, head + 16);
  out.seal(start, frameKind.results);
  return true;
}

/** Not ASCII: write each text by itself, to learn its length in bytes. */
function writeTexts(bytes: Buffer, records: number, count: number, text: string, start: number): number {
  let units = 0;
  let at = start;
  for (let i = 0; i < count; i++) {
    for (const column of [result.text, result.session]) {
      const position = records + (i * RESULT_INTS + column) * 4;
      const length = bytes.readInt32LE(position);
      if (length <= 0) continue;
      const written = bytes.write(text.slice(units, units + length), at);
      bytes.writeInt32LE(written, position);
      units += length;
      at += written;
    }
  }
  return at - start;
}
