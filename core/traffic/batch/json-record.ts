import { completeRecord } from "../earlier-records.ts";
import { broken, type RecordHeader, readJsonRange } from "./layout.ts";
import type { RawPayload, RawRecord } from "./raw-record.ts";

/** Fields that the rest relies on; all others only pass through. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, "string" | "number" | "list" | "object">>>> = {
  upgrade: {
    path: "string",
    status: "number",
    code: "string",
    detail: "string",
    server: "string",
    subprotocol: "string",
    request: "list",
    response: "list",
    attributes: "object",
    steps: "list",
  },
  request: {
    path: "string",
    status: "number",
    code: "string",
    detail: "string",
    server: "string",
    requestBytes: "number",
    responseBytes: "number",
    request: "list",
    response: "list",
    steps: "list",
  },
  frame: {
    opcode: "number",
    length: "number",
    outcome: "string",
    steps: "list",
    replies: "list",
    appended: "list",
  },
  hook: {
    hook: "string",
    policy: "string",
    outcome: "string",
    detail: "string",
    rule: "string",
    attributes: "object",
    toClient: "list",
    toServer: "list",
  },
  close: {
    code: "number",
    reason: "string",
    cause: "string",
    detail: "string",
    policy: "string",
    rule: "string",
    codes: "object",
    server: "string",
  },
};

/** As far as it is looked at. */
interface StepInBatch {
  readonly after?: unknown;
}

/** A `json` record: its JSON, with the payloads that it refers to by their lengths put in. */
export function parseJsonRecord(
  bytes: Buffer,
  header: RecordHeader,
  place: { readonly seq: number; readonly time: number; readonly session: string; readonly route: string },
): RawRecord {
  const { start, end, origin, sequence } = header;
  const { from, to } = readJsonRange(bytes, header);
  const value = parse(bytes, from, to);
  const { kind } = value;
  const shape = typeof kind === "string" && Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  if (shape === undefined) throw broken(start, `a record of the kind ${JSON.stringify(kind)}`);
  for (const [field, type] of Object.entries(shape)) {
    if (!isOf(type, value[field])) throw broken(start, `a record of the kind ${kind} without its ${field}`);
  }
  const record = completeRecord({ ...value, kind: kind as RawRecord["kind"], ...place });
  if (kind !== "frame" && kind !== "hook") return record as unknown as RawRecord;
  const take = createBlobs(bytes, to, end);
  if (kind === "hook") {
    const toClient = (value.toClient as readonly unknown[]).map(take);
    const toServer = (value.toServer as readonly unknown[]).map(take);
    return { ...record, toClient, toServer } as unknown as RawRecord;
  }
  const one = (blob: unknown) => (blob === null || blob === undefined ? null : take(blob));
  const payload = one(value.payload);
  const after = one(value.after);
  const replies = (value.replies as readonly unknown[]).map(take);
  const appended = (value.appended as readonly unknown[]).map(take);
  const steps = (value.steps as readonly (StepInBatch | null)[]).map((step) => ({
    ...step,
    after: one(step?.after),
  }));
  return { ...record, origin, sequence, payload, after, replies, appended, steps } as unknown as RawRecord;
}

function parse(bytes: Buffer, start: number, end: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8", start, end));
    if (isOf("object", value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw broken(start, "no JSON object");
}

/** Takes one payload after the other, in the order in which the record names them. */
function createBlobs(bytes: Buffer, start: number, end: number): (blob: unknown) => RawPayload {
  let at = start;
  return (blob) => {
    const { blob: size, binary, length } = (blob ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof size !== "number" || typeof length !== "number" || !(size >= 0 && size <= end - at))
      throw broken(at, `a payload of ${String(size)} bytes where ${end - at} are left`);
    const kept = bytes.subarray(at, at + size);
    at += size;
    return {
      bytes: kept,
      kind: binary === true ? "binary" : "text",
      length,
      isCut: size < length,
      before: Buffer.alloc(0),
    };
  };
}

function isOf(type: "string" | "number" | "list" | "object", value: unknown): boolean {
  if (type === "list") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
