/**
 * The body of an `asks` frame: one thing that a policy asks of the trusted side.
 *
 *   u32 instance │ u32 id │ u32 kind │ f64 deadline │ u32 textBytes │ text as UTF-8 │ binary
 */
import { ASK_KIND, type Ask, MAX_ASK_ID } from "./ask-texts.ts";
import { FRAME_KIND, type FrameWriter } from "./frames.ts";
import { HostNonsense } from "./nonsense.ts";

const INSTANCE_AT = 0;
const ID_AT = 4;
const KIND_AT = 8;
const DEADLINE_AT = 12;
const TEXT_BYTES_AT = 20;
const TEXT_AT = 24;
/** `subtle` is done by the host itself. */
const askedKinds: readonly number[] = Object.values(ASK_KIND).filter((kind) => kind !== ASK_KIND.subtle);

export interface ReceivedAsk extends Ask {
  readonly instance: number;
}

export function encodeAsk(out: FrameWriter, instance: number, ask: Ask): void {
  const { id, kind, deadline, text, binary } = ask;
  const body = out.open(TEXT_AT + text.length * 3 + (binary?.length ?? 0));
  const { bytes } = out;
  const textBytes = bytes.write(text, body + TEXT_AT);
  bytes.writeUInt32LE(instance, body + INSTANCE_AT);
  bytes.writeUInt32LE(id, body + ID_AT);
  bytes.writeUInt32LE(kind, body + KIND_AT);
  bytes.writeDoubleLE(deadline, body + DEADLINE_AT);
  bytes.writeUInt32LE(textBytes, body + TEXT_BYTES_AT);
  const textEnd = body + TEXT_AT + textBytes;
  if (binary) bytes.set(binary, textEnd);
  out.seal(FRAME_KIND.asks, textEnd + (binary?.length ?? 0));
}

/** @throws HostNonsense */
export function decodeAsk(bytes: Buffer, body: number, end: number): ReceivedAsk {
  const textStart = body + TEXT_AT;
  if (textStart > end) throw new HostNonsense("an ask ends in its head");
  const textEnd = textStart + bytes.readUInt32LE(body + TEXT_BYTES_AT);
  const id = bytes.readUInt32LE(body + ID_AT);
  const kind = bytes.readUInt32LE(body + KIND_AT);
  const deadline = bytes.readDoubleLE(body + DEADLINE_AT);
  if (textEnd > end) throw new HostNonsense("an ask announces more text than it holds");
  if (id === 0 || id > MAX_ASK_ID || !askedKinds.includes(kind) || !Number.isFinite(deadline))
    throw new HostNonsense(`an ask that cannot be: id ${id}, kind ${kind}, deadline ${deadline}`);
  return {
    instance: bytes.readUInt32LE(body + INSTANCE_AT),
    id,
    kind,
    deadline,
    text: bytes.toString("utf8", textStart, textEnd),
    binary: textEnd < end ? new Uint8Array(bytes.subarray(textEnd, end)) : undefined,
  };
}
