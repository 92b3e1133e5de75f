import type { PolicyStep, SessionFacts, TrafficRecord, UpgradeRecord } from "../records.ts";
import { type FieldName, OPCODE_WORDS } from "./fields.ts";
import { attributeText, fieldIn } from "./session-facts.ts";

export interface Asked {
  readonly record: TrafficRecord;
  /** Of its session, where they are known. */
  readonly facts: SessionFacts | undefined;
}

type Reading = (asked: Asked, key: string) => readonly string[];
type NumberReading = (record: TrafficRecord) => number | undefined;

/** What a record says of the fields that are words; nothing where the field is none of its kind. */
export const wordReadings = {
  kind: ({ record }) => [record.kind],
  route: ({ record }) => [record.route],
  session: ({ record }) => [record.session],
  subject: ({ facts }) => given(facts?.subject),
  attribute: ({ facts }, key) => given(facts && attributeText(facts.attributes, key)),
  action: ({ record }) => stepsOf(record).map(({ action }) => action),
  origin: ({ record }) => (record.kind === "frame" ? [record.origin] : []),
  by: ({ record }) => [accountOf(record)],
  opcode: ({ record }) => (record.kind === "frame" ? given(OPCODE_WORDS[record.opcode]) : []),
  outcome: ({ record }) => (record.kind === "frame" || record.kind === "hook" ? [record.outcome] : []),
  reason: ({ record }) => (record.kind === "close" ? [record.reason] : []),
  rule: ({ record }) => (record.kind === "close" || record.kind === "hook" ? given(record.rule) : []),
  cause: ({ record }) => (record.kind === "close" ? [record.cause] : []),
  refusal: ({ record }) => (isRequest(record) ? given(record.code) : []),
  method: ({ record }) => (isRequest(record) ? [record.method] : []),
  path: ({ record, facts }) => (isRequest(record) ? [record.path] : given(facts?.path)),
  host: ({ record, facts }) => given(isRequest(record) ? fieldIn(record.request, "host") : facts?.host),
  header: ({ record }, key) => (isRequest(record) ? headerValues(record, key.toLowerCase()) : []),
  subprotocol: ({ record, facts }) =>
    given(record.kind === "upgrade" ? record.subprotocol : facts?.subprotocol),
  client: ({ record, facts }) => given("client" in record ? record.client : facts?.client),
  server: ({ record, facts }) => given("server" in record ? record.server : facts?.server),
  node: ({ record }) => given(record.node),
  marked: ({ record }) => [record.marked === true ? "yes" : "no"],
  note: ({ record }) => given(record.note),
} as const satisfies Partial<Record<FieldName, Reading>>;

export const numberReadings = {
  size(record) {
    switch (record.kind) {
      case "frame":
        return record.length;
      case "request":
        return record.requestBytes + record.responseBytes;
      case "close":
        return record.bytes.client + record.bytes.server;
      case "hook":
      case "upgrade":
        return undefined;
    }
  },
  duration: ({ durationMs }) => durationMs,
  status: (record) => (isRequest(record) ? record.status : undefined),
  close: (record) => (record.kind === "close" ? record.code : undefined),
} as const satisfies Partial<Record<FieldName, NumberReading>>;

export type WordField = keyof typeof wordReadings;
export type NumberField = keyof typeof numberReadings;

export function isNumberField(field: string): field is NumberField {
  return Object.hasOwn(numberReadings, field);
}

/** A policy that had a part in it, with the version that ran. */
export function stepsIn(record: TrafficRecord): readonly Pick<PolicyStep, "policy" | "version">[] {
  return record.kind === "close" || record.kind === "hook" ? [record] : record.steps;
}

function stepsOf(record: TrafficRecord): readonly PolicyStep[] {
  return record.kind === "close" || record.kind === "hook" ? [] : record.steps;
}

function accountOf(record: TrafficRecord): string {
  switch (record.kind) {
    case "upgrade":
    case "request":
      return "client";
    case "frame":
      return record.by ?? record.origin;
    case "hook":
      return record.by === "request" ? "operator" : "policy";
    case "close":
      return record.cause === "admin" ? "operator" : record.initiator;
  }
}

function isRequest(record: TrafficRecord): record is Extract<TrafficRecord, { kind: "upgrade" | "request" }> {
  return record.kind === "upgrade" || record.kind === "request";
}

/** Of both legs, either way. */
export function headerLists({
  request,
  serverRequest,
  serverResponse,
  response,
}: Extract<TrafficRecord, { kind: "upgrade" | "request" }>): readonly UpgradeRecord["request"][] {
  return [request, serverRequest ?? [], serverResponse?.headers ?? [], response];
}

function headerValues(
  record: Extract<TrafficRecord, { kind: "upgrade" | "request" }>,
  wanted: string,
): readonly string[] {
  return headerLists(record).flatMap((list) =>
    list.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value),
  );
}

function given(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : [text];
}
