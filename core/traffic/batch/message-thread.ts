import { isControl, OPCODE } from "../../wire/frame.ts";
import { createInflation } from "./inflation.ts";
import type { FrameParts, RawPayload } from "./raw-record.ts";

interface OpenMessage {
  readonly kind: "text" | "binary";
  readonly isCompressed: boolean;
  /** Undefined when a part of it was not kept, or when it is too long to look through with each fragment. */
  readonly said: Buffer | undefined;
}

/** What is remembered of a message while its fragments come. */
const MAX_SAID = 4096;
const nothing = Buffer.alloc(0);

/** Follows the messages of one batch from fragment to fragment, so that each payload can be read. */
export function createMessageThreads(): (thread: string, frame: FrameParts) => RawPayload {
  const open = new Map<string, OpenMessage>();
  const inflate = createInflation();

  return (thread, frame) => {
    const { kept: bytes, length } = frame;
    const isCut = bytes.length < length;
    if (isControl(frame.opcode)) return { bytes, kind: "binary", length, isCut, before: nothing };
    const message = frame.opcode === OPCODE.continuation ? open.get(thread) : begin(frame);
    if (frame.fin) open.delete(thread);
    else open.set(thread, goOn(message, frame));
    if (frame.rsv1) return inflate(frame, message?.kind ?? "binary");
    if (message?.isCompressed === true) return { bytes, kind: "unreadable", length, isCut, before: nothing };
    return { bytes, kind: message?.kind ?? "text", length, isCut, before: message?.said };
  };
}

function begin({ opcode: code, rsv1 }: FrameParts): OpenMessage {
  return { kind: code === OPCODE.text ? "text" : "binary", isCompressed: rsv1, said: nothing };
}

function goOn(message: OpenMessage | undefined, { kept, length }: FrameParts): OpenMessage {
  const { kind, isCompressed, said } = message ?? { kind: "text", isCompressed: false, said: undefined };
  const isKnown = said !== undefined && kept.length === length && said.length + kept.length <= MAX_SAID;
  return { kind, isCompressed, said: isKnown ? Buffer.concat([said, kept]) : undefined };
}
