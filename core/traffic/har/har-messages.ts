import { isControl, OPCODE } from "../../wire/frame.ts";
import type { FrameRecord, PayloadView } from "../records.ts";

/** As Chrome's DevTools write and read it; what begins with `_` is ours. */
export interface HarMessage {
  readonly type: "send" | "receive";
  /** Seconds since 1970. */
  readonly time: number;
  readonly opcode: number;
  /** Text, and base64 where the opcode is not that of text. */
  readonly data: string;
  /** Bytes of the whole payload, where `data` holds less. */
  readonly _length?: number;
}

/** What the client noticed of a message: pings and pongs are not among it, nor what policies kept from it. */
export function toHarMessages(frame: FrameRecord): HarMessage[] {
  if (isControl(frame.opcode)) return [];
  const { time, durationMs, payload, after, replies, appended } = frame;
  const later = time + durationMs;
  if (frame.origin === "client") {
    return [
      message("send", time, frame.opcode, payload, frame.length),
      ...replies.map((reply) => message("receive", later, opcodeOf(reply), reply, reply.length)),
    ];
  }
  const shown = after ?? payload;
  const code = after === null ? frame.opcode : opcodeOf(after);
  return [
    ...(isDelivered(frame) ? [message("receive", later, code, shown, after?.length ?? frame.length)] : []),
    ...appended.map((other) => message("receive", later, opcodeOf(other), other, other.length)),
  ];
}

function isDelivered({ outcome }: FrameRecord): boolean {
  return outcome === "spliced" || outcome === "passed" || outcome === "replaced";
}

function opcodeOf({ encoding }: PayloadView): number {
  return encoding === "text" ? OPCODE.text : OPCODE.binary;
}

function message(
  type: HarMessage["type"],
  timeMs: number,
  code: number,
  payload: PayloadView | null,
  length: number,
): HarMessage {
  const isCut = payload === null ? length > 0 : payload.isCut;
  return {
    type,
    time: timeMs / 1000,
    opcode: code,
    data: payload === null ? "" : dataOf(payload, code),
    ...(isCut && { _length: payload?.length ?? length }),
  };
}

function dataOf({ encoding, data }: PayloadView, code: number): string {
  const isText = code === OPCODE.text;
  if (isText === (encoding === "text")) return data;
  // A text message that is no UTF-8; a fragment, of which nobody says what it is.
  return isText ? Buffer.from(data, "base64").toString("utf8") : Buffer.from(data).toString("base64");
}
