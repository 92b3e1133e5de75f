import { isControl, OPCODE } from "../../wire/frame.ts";
import type { FrameRecord, HookRecord, PayloadView, TrafficRecord } from "../records.ts";

/** As Chrome's DevTools write and read it; what begins with `_` is ours. */
export interface HarMessage {
  readonly type: "send" | "receive";
  /** Seconds since 1970. */
  readonly time: number;
  readonly opcode: number;
  /** Text, and base64 where the opcode is not that of text. */
  readonly data: string;
  /** Who has really sent it. Absent: the side that it comes of, or a policy. */
  readonly _by?: "operator";
  /** What became of it; absent: no policy saw it. */
  readonly _outcome?: Exclude<FrameRecord["outcome"], "spliced">;
  /** Bytes of the whole payload, where `data` holds less. */
  readonly _length?: number;
  /** What somebody has written beside it, and that it was marked. */
  readonly comment?: string;
  readonly _marked?: true;
}

/** What the client noticed of a message: pings and pongs are not among it, nor what policies kept from it. */
export function toHarMessages(record: TrafficRecord): HarMessage[] {
  const [first, ...others] =
    record.kind === "hook" ? ofHook(record) : record.kind === "frame" ? ofFrame(record) : [];
  return first === undefined ? [] : [{ ...first, ...harNoteOf(record) }, ...others];
}

export function harNoteOf({ note, marked }: TrafficRecord): {
  readonly comment?: string;
  readonly _marked?: true;
} {
  return { ...(note !== undefined && { comment: note }), ...(marked && { _marked: true }) };
}

function ofHook({ time, durationMs, toClient }: HookRecord): HarMessage[] {
  return toClient.map((each) => message("receive", time + durationMs, each, describe(each)));
}

function ofFrame(frame: FrameRecord): HarMessage[] {
  if (isControl(frame.opcode)) return [];
  const { time, durationMs, payload, after, replies, appended } = frame;
  const later = time + durationMs;
  if (frame.origin === "client") {
    return [
      // What an operator says in its name it knows nothing of.
      ...(frame.by === undefined ? [{ ...message("send", time, payload, frame), ...outcomeOf(frame) }] : []),
      ...replies.map((reply) => message("receive", later, reply, describe(reply))),
    ];
  }
  const shown = after ?? payload;
  return [
    ...(isDelivered(frame)
      ? [
          {
            ...message("receive", later, shown, {
              ...frame,
              ...(after && describe(after)),
              ...byOperator(frame),
            }),
            ...outcomeOf(frame),
          },
        ]
      : []),
    ...appended.map((other) => message("receive", later, other, describe(other))),
  ];
}

function outcomeOf({ outcome }: FrameRecord): Pick<HarMessage, "_outcome"> {
  return outcome === "spliced" ? {} : { _outcome: outcome };
}

/** It says what an operator has written, in place of what the server has sent. */
function byOperator({ by, steps }: FrameRecord): Pick<FrameRecord, "by"> {
  const isEdited = steps.some((step) => step.by === "operator" && step.action === "replaced");
  return by !== undefined || isEdited ? { by: "operator" } : {};
}

function isDelivered({ outcome }: FrameRecord): boolean {
  return outcome === "spliced" || outcome === "passed" || outcome === "replaced";
}

/** What is known of a message even where nothing of its payload was kept. */
type Described = Pick<FrameRecord, "opcode" | "length" | "by">;

/** What a policy wrote, whose opcode is that of its encoding. */
function describe({ encoding, length }: PayloadView): Described {
  return { opcode: encoding === "text" ? OPCODE.text : OPCODE.binary, length };
}

function message(
  type: HarMessage["type"],
  timeMs: number,
  payload: PayloadView | null,
  { opcode, length, by }: Described,
): HarMessage {
  const isCut = payload === null ? length > 0 : payload.isCut;
  return {
    type,
    time: timeMs / 1000,
    opcode,
    data: payload === null ? "" : dataOf(payload, opcode),
    ...(by && { _by: by }),
    ...(isCut && { _length: payload?.length ?? length }),
  };
}

function dataOf({ encoding, data }: PayloadView, code: number): string {
  const isText = code === OPCODE.text;
  if (isText === (encoding === "text")) return data;
  // A text message that is no UTF-8; a fragment, of which nobody says what it is.
  return isText ? Buffer.from(data, "base64").toString("utf8") : Buffer.from(data).toString("base64");
}
