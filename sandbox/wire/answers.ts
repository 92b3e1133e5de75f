/**
 * The body of an `answers` frame: what became of one thing that a policy has asked for.
 *
 *   u32 instance │ u32 id │ u32 isGood │ u32 textBytes │ text as UTF-8 │ binary
 */
import { FRAME_KIND, type FrameWriter } from "./frames.ts";

const INSTANCE_AT = 0;
const ID_AT = 4;
const IS_GOOD_AT = 8;
const TEXT_BYTES_AT = 12;
const TEXT_AT = 16;

export interface Answer {
  /** Of the ask. */
  readonly id: number;
  /** If not, the text is the JSON of a `WireAskError`. */
  readonly isGood: boolean;
  readonly text: string;
  readonly binary?: Uint8Array | undefined;
}

export interface ReceivedAnswer extends Answer {
  readonly instance: number;
}

export function encodeAnswer(out: FrameWriter, instance: number, answer: Answer): void {
  const { id, isGood, text, binary } = answer;
  const body = out.open(TEXT_AT + text.length * 3 + (binary?.length ?? 0));
  const { bytes } = out;
  const textBytes = bytes.write(text, body + TEXT_AT);
  bytes.writeUInt32LE(instance, body + INSTANCE_AT);
  bytes.writeUInt32LE(id, body + ID_AT);
  bytes.writeUInt32LE(isGood ? 1 : 0, body + IS_GOOD_AT);
  bytes.writeUInt32LE(textBytes, body + TEXT_BYTES_AT);
  const textEnd = body + TEXT_AT + textBytes;
  if (binary) bytes.set(binary, textEnd);
  out.seal(FRAME_KIND.answers, textEnd + (binary?.length ?? 0));
}

export function decodeAnswer(bytes: Buffer, body: number, end: number): ReceivedAnswer {
  const textStart = body + TEXT_AT;
  const textEnd = textStart + bytes.readUInt32LE(body + TEXT_BYTES_AT);
  return {
    instance: bytes.readUInt32LE(body + INSTANCE_AT),
    id: bytes.readUInt32LE(body + ID_AT),
    isGood: bytes.readUInt32LE(body + IS_GOOD_AT) === 1,
    text: bytes.toString("utf8", textStart, textEnd),
    // Its own: the guest is given the whole of what lies behind a view.
    binary: textEnd < end ? new Uint8Array(bytes.subarray(textEnd, end)) : undefined,
  };
}
