import type {
  PayloadView,
  RequestRecord,
  TrafficRecord,
  UpgradeRecord,
} from "../../../core/traffic/records.ts";
import { plural } from "../format.ts";
import { toPrettyText } from "../json-lines.ts";
import { toBase64, toBytes, toText } from "../payload-bytes.ts";
import { connectCommand, curlCommand } from "./commands.ts";

/** A way to copy a record. */
export interface CopyForm {
  readonly name: string;
  /** Made when it is wanted. */
  text(): string;
  /** What is not in it, to be said to whoever copies; empty: nothing. */
  readonly lacks: string;
}

export interface Copied {
  readonly record: TrafficRecord;
  /** What its session began with, where it is kept. */
  readonly begun: UpgradeRecord | RequestRecord | undefined;
  readonly listeners: readonly string[];
}

export function copyForms({ record, begun, listeners }: Copied): readonly CopyForm[] {
  const payload = record.kind === "frame" ? record.payload : undefined;
  const sent =
    record.kind === "frame" && record.origin === "client" && record.opcode <= 2 && payload?.length
      ? payload
      : undefined;
  const request = record.kind === "request" || record.kind === "upgrade" ? record : begun;
  const forms: CopyForm[] = payload ? [...ofPayload(payload)] : [];
  if (record.kind !== "frame")
    forms.push({ name: "JSON of the record", text: () => JSON.stringify(record, null, 2), lacks: "" });
  if (request !== undefined && request.kind === "upgrade") {
    forms.push({
      name: sent === undefined ? "wscat command that connects" : "wscat command",
      text: () => connectCommand(request, listeners, sent),
      lacks: sentence(lackOf(sent), hiddenIn(request), sent?.redactions),
    });
  }
  if (request !== undefined) {
    const body =
      request.kind === "request" && request.requestBytes > 0 ? "the body, which is not recorded" : "";
    forms.push({
      name: "curl command",
      text: () => curlCommand(request, listeners),
      lacks: sentence(body, hiddenIn(request)),
    });
  }
  return forms;
}

function ofPayload(payload: PayloadView): readonly CopyForm[] {
  const lacks = sentence(lackOf(payload), payload.redactions);
  const pretty = payload.encoding === "text" ? toPrettyText(payload.data) : "";
  const isJson = payload.encoding === "text" && pretty !== payload.data;
  return [
    { name: "Text", text: () => toText(payload), lacks },
    ...(isJson ? [{ name: "JSON", text: () => pretty, lacks }] : []),
    { name: "Hex", text: () => toHex(toBytes(payload)), lacks },
    { name: "Base64", text: () => toBase64(toBytes(payload)), lacks },
  ];
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function lackOf(payload: PayloadView | undefined): string {
  return payload?.isCut === true ? `what was not kept of its ${plural(payload.length, "byte")}` : "";
}

function hiddenIn({ path, request }: UpgradeRecord | RequestRecord): number {
  return [path, ...request.map(([, value]) => value)].filter((text) => text.includes(HIDDEN)).length;
}

const HIDDEN = "[redacted";

/** @param parts words, and how many values are hidden */
function sentence(...parts: readonly (string | number | undefined)[]): string {
  const words = parts.filter((part): part is string => typeof part === "string" && part !== "");
  const hidden = parts.reduce<number>((sum, part) => sum + (typeof part === "number" ? part : 0), 0);
  if (hidden > 0) words.push(`${plural(hidden, "redacted value")}, of which [redacted] stands there`);
  return words.length === 0 ? "" : `without ${words.join(", and ")}`;
}
