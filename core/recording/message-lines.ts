import type { FrameRecord, Origin, PayloadView } from "../traffic/records.ts";
import { isControl, OPCODE } from "../wire/frame.ts";
import type { MessageLine, RecordedBody, RecordedStep } from "./format.ts";

/** Puts the frames of one session together that were recorded one by one: where no policy read them. */
export class MessageLines {
  readonly #parts: Record<Origin, FrameRecord[]> = { client: [], server: [] };

  /** @returns undefined where a message goes on, and for what is none */
  add(frame: FrameRecord): MessageLine | undefined {
    if (isControl(frame.opcode)) return undefined;
    const parts = this.#parts[frame.origin];
    // A message whose beginning is not kept has no opcode.
    if (frame.opcode === OPCODE.continuation && parts.length === 0) return undefined;
    if (frame.opcode !== OPCODE.continuation) parts.length = 0;
    parts.push(frame);
    if (!frame.fin) return undefined;
    this.#parts[frame.origin] = [];
    return lineOf(frame, parts);
  }
}

function lineOf(last: FrameRecord, parts: readonly FrameRecord[]): MessageLine {
  const { session, origin, by } = last;
  const first = parts[0] ?? last;
  return {
    type: "message",
    session,
    time: last.time,
    origin,
    ...(by && { by }),
    body: parts.length === 1 ? bodyOf(last.payload, last) : joined(parts, first.opcode === OPCODE.text),
    ...operatorOf(last),
    result: resultOf(last),
  };
}

function operatorOf({ steps, after }: FrameRecord): Pick<MessageLine, "operator"> {
  const action = steps.find(({ by }) => by === "operator")?.action;
  switch (action) {
    case "held":
    case "dropped":
      return { operator: { action } };
    case "replaced":
      return { operator: { action, ...(after !== null && { after: bodyOfView(after) }) } };
    default:
      return {};
  }
}

function joined(parts: readonly FrameRecord[], isText: boolean): RecordedBody {
  const bytes = Buffer.concat(
    parts.map(({ payload }) => (payload === null ? Buffer.alloc(0) : bytesOf(payload))),
  );
  const length = parts.reduce((sum, part) => sum + (part.payload?.length ?? part.length), 0);
  const isCut = parts.some((part) => part.payload === null || part.payload.isCut);
  const body = isText ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
  return isCut ? { ...body, length } : body;
}

function bytesOf({ encoding, data }: PayloadView): Buffer {
  return Buffer.from(data, encoding === "text" ? "utf8" : "base64");
}

/** Of a message of which nothing was kept the length is known. */
function bodyOf(payload: PayloadView | null, { length, opcode }: FrameRecord): RecordedBody {
  if (payload === null) {
    const body = opcode === OPCODE.text ? { text: "" } : { base64: "" };
    return length === 0 ? body : { ...body, length };
  }
  return bodyOfView(payload);
}

export function bodyOfView({ encoding, data, isCut, length }: PayloadView): RecordedBody {
  const body = encoding === "text" ? { text: data } : { base64: data };
  return isCut ? { ...body, length } : body;
}

/** What the policies did, whatever an operator has made of it afterwards. */
function resultOf(frame: FrameRecord): MessageLine["result"] {
  const { replies, appended } = frame;
  const steps = frame.steps.filter(({ by }) => by === undefined);
  const isTouched = frame.steps.some(({ by, action }) => by === "operator" && action !== "held");
  const made = steps.findLast(({ changed }) => changed);
  const after = isTouched ? (made?.after ?? null) : frame.after;
  const outcome = !isTouched ? frame.outcome : made === undefined ? "passed" : "replaced";
  const close = parseCloseDetail(steps.find(({ action }) => action === "closed")?.detail);
  return {
    outcome: outcome === "spliced" ? "passed" : outcome,
    ...(after !== null && { after: bodyOfView(after) }),
    replies: replies.map(bodyOfView),
    appended: appended.map(bodyOfView),
    ...(close !== undefined && { close }),
    steps: steps.map(stepOf),
  };
}

/** @param detail as a record has it: `1008 not here` */
export function parseCloseDetail(
  detail = "",
): { readonly code: number; readonly reason: string } | undefined {
  const [, code, reason = ""] = /^(\d{4}) ?(.*)$/s.exec(detail) ?? [];
  return code === undefined ? undefined : { code: Number(code), reason };
}

export function stepOf({ policy, version, action }: RecordedStep): RecordedStep {
  return { policy, version, action };
}
