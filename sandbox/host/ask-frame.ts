import type { FrameWriter } from "../frames.ts";
import { ANSWER_HEADER, ASK_HEADER, FRAME_HEADER, frameKind } from "../protocol.ts";
import type { Ask } from "./asks.ts";
import type { Answer } from "./instance.ts";

export function writeAsk(out: FrameWriter, instance: number, ask: Ask): void {
  const start = out.end;
  const head = start + FRAME_HEADER;
  const textStart = head + ASK_HEADER;
  out.reserve(FRAME_HEADER + ASK_HEADER + ask.text.length * 3 + (ask.binary?.length ?? 0));
  const { bytes } = out;
  const textBytes = bytes.write(ask.text, textStart);
  bytes.writeUInt32LE(instance, head);
  bytes.writeUInt32LE(ask.id, head + 4);
  bytes.writeUInt32LE(ask.kind, head + 8);
  bytes.writeDoubleLE(ask.deadline, head + 12);
  bytes.writeUInt32LE(textBytes, head + 20);
  out.end = textStart + textBytes;
  if (ask.binary) {
    bytes.set(ask.binary, out.end);
    out.end += ask.binary.length;
  }
  out.seal(start, frameKind.asks);
}

export function readAnswer(bytes: Buffer, start: number, end: number): Answer {
  const id = bytes.readUInt32LE(start + 4);
  const isGood = bytes.readUInt32LE(start + 8) === 1;
  const textStart = start + ANSWER_HEADER;
  const textEnd = textStart + bytes.readUInt32LE(start + 12);
  return {
    id: isGood ? id : -id,
    text: bytes.toString("utf8", textStart, textEnd),
    // Its own: the guest is given the whole of what lies behind a view.
    binary: textEnd < end ? new Uint8Array(bytes.subarray(textEnd, end)) : undefined,
  };
}
