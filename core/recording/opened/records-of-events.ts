import { isIP } from "node:net";
import { stepActionSchema } from "../../traffic/record-parts.ts";
import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  MessageStep,
  PayloadView,
  PolicyStep,
  TrafficRecord,
  UpgradeRecord,
} from "../../traffic/records.ts";
import { OPCODE } from "../../wire/frame.ts";
import type {
  CloseLine,
  EventLine,
  HookLine,
  MessageLine,
  RecordedBody,
  RecordedStep,
  UpgradeLine,
} from "../format.ts";

/** What a file holds of sessions, as if it had been recorded here; what it does not hold is empty. */
export function* recordsOfEvents(events: readonly EventLine[]): Generator<void, readonly TrafficRecord[]> {
  const counts = new Map<string, number>();
  const upgrades = new Map<string, UpgradeLine>();
  let seq = 0;
  const records: TrafficRecord[] = [];
  for (const event of events) {
    yield;
    const record = recordOf(event);
    if (record !== undefined) records.push(record);
  }
  return records;

  function recordOf(event: EventLine): TrafficRecord | undefined {
    switch (event.type) {
      case "upgrade":
        upgrades.set(event.session, event);
        return upgradeOf(event, ++seq);
      case "message": {
        const key = `${event.origin} ${event.session}`;
        const sequence = (counts.get(key) ?? 0) + 1;
        counts.set(key, sequence);
        return frameOf(event, { ...baseOf(event, upgrades.get(event.session)), seq: ++seq }, sequence);
      }
      case "hook":
        return hookOf(event, { ...baseOf(event, upgrades.get(event.session)), seq: ++seq });
      case "close":
        return closeOf(event, upgrades.get(event.session), ++seq);
      case "capability":
        return undefined;
    }
  }
}

type Base = Pick<TrafficRecord, "seq" | "time" | "session" | "route" | "marked" | "note">;

function baseOf(
  { session, time, marked, note }: Exclude<EventLine, { type: "capability" }>,
  upgrade: UpgradeLine | undefined,
): Omit<Base, "seq"> {
  const route = upgrade?.route ?? "";
  return { time, session, route, ...(marked && { marked }), ...(note !== undefined && { note }) };
}

function upgradeOf(line: UpgradeLine, seq: number): UpgradeRecord {
  const { method, url, headers, result } = line;
  const status = result?.status ?? 101;
  return {
    kind: "upgrade",
    ...baseOf(line, line),
    seq,
    method,
    path: url,
    httpVersion: "1.1",
    status,
    code: "",
    detail: status === 101 ? "" : "refused",
    client: clientOf(line),
    server: result?.server ?? "",
    subprotocol: result?.subprotocol ?? "",
    extensions: "",
    durationMs: 0,
    request: headers,
    serverRequest: null,
    serverResponse: null,
    phases: [],
    response: [],
    attributes: result?.attributes ?? {},
    steps: (result?.steps ?? []).flatMap(stepOf),
  };
}

/** A HAR file does not say from where somebody came. */
function clientOf({ client: { address, port } }: UpgradeLine): string {
  if (port === 0) return "";
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function frameOf(
  { origin, by, body, operator, result, outcome: told }: MessageLine,
  base: Base,
  sequence: number,
): FrameRecord {
  const payload = payloadOf(body);
  const after = operator?.after ?? result?.after;
  const own: MessageStep[] = operator === undefined ? [] : [operatorStep(operator.action)];
  const outcome =
    operator?.action === "held" || operator === undefined
      ? (result?.outcome ?? told ?? "spliced")
      : operator.action;
  return {
    kind: "frame",
    ...base,
    origin,
    ...(by && { by }),
    opcode: payload.encoding === "text" ? OPCODE.text : OPCODE.binary,
    fin: true,
    isCompressed: false,
    maskKey: null,
    length: payload.length,
    sequence,
    frames: 1,
    durationMs: 0,
    writeMs: null,
    unsentBytes: 0,
    outcome,
    steps: [...(result?.steps ?? []).flatMap(stepOf).map(messageStepOf), ...own],
    payload,
    after: after === undefined ? null : payloadOf(after),
    replies: (result?.replies ?? []).map(payloadOf),
    appended: (result?.appended ?? []).map(payloadOf),
  };
}

function hookOf({ hook, by, late, policy, version, result }: HookLine, base: Base): HookRecord {
  const { outcome, toClient, toServer, attributes, expires = null, close } = result;
  return {
    kind: "hook",
    ...base,
    hook,
    by,
    lateMs: late,
    policy,
    version,
    outcome,
    durationMs: 0,
    detail: close === undefined ? "" : `${close.code} ${close.reason}`.trim(),
    place: "",
    rule: "",
    attributes,
    expires,
    toClient: toClient.map(payloadOf),
    toServer: toServer.map(payloadOf),
  };
}

function closeOf(line: CloseLine, upgrade: UpgradeLine | undefined, seq: number): CloseRecord {
  const { initiator, code, reason, durationMs, messages, bytes } = line;
  const unknown = { sent: null, got: null };
  return {
    kind: "close",
    ...baseOf(line, upgrade),
    seq,
    initiator,
    code,
    reason,
    cause: "",
    detail: "",
    policy: "",
    version: "",
    rule: "",
    codes: { client: unknown, server: unknown },
    client: upgrade === undefined ? "" : clientOf(upgrade),
    server: upgrade?.result?.server ?? "",
    durationMs,
    messages,
    bytes,
  };
}

function payloadOf(body: RecordedBody): PayloadView {
  const isText = "text" in body;
  const data = isText ? body.text : body.base64;
  const kept = Buffer.byteLength(data, isText ? "utf8" : "base64");
  const length = Math.max(kept, body.length ?? kept);
  return { encoding: isText ? "text" : "base64", data, length, isCut: length > kept, redactions: 0 };
}

/** What a newer Framegate may have written is left out. */
function stepOf({ policy, version, action }: RecordedStep): readonly PolicyStep[] {
  if (!isAction(action)) return [];
  return [{ policy, version, action, afterMs: 0, durationMs: 0, detail: "" }];
}

function isAction(action: string): action is PolicyStep["action"] {
  return stepActionSchema.safeParse(action).success;
}

function messageStepOf(step: PolicyStep): MessageStep {
  return { ...step, place: "", changed: step.action === "replaced", after: null };
}

function operatorStep(action: PolicyStep["action"]): MessageStep {
  const step = {
    policy: "",
    by: "operator",
    version: "",
    action,
    afterMs: 0,
    durationMs: 0,
    detail: "",
  } as const;
  return messageStepOf(step);
}
