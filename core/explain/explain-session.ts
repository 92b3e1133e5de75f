import type { RouteConfig } from "../config/index.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  TrafficRecord,
  UpgradeRecord,
} from "../traffic/records.ts";
import { findEndingCall } from "./explain-end.ts";
import { explainRow } from "./explain-message.ts";
import { explainRoute } from "./explain-route.ts";
import { explainPlace, explainSteps, type FindHookLine } from "./explain-steps.ts";
import type { ExplainedHook, SessionExplanation } from "./explanation.ts";

/** What of the gateway as it is now explains what was recorded. */
export interface ExplainedBy {
  readonly routes: readonly Pick<RouteConfig, "name" | "path" | "match">[];
  readonly rules: Pick<RedactionRules, "redactHeader">;
  readonly findLine: FindHookLine;
}

/** What is kept of one session, oldest first. */
export interface KeptSession {
  readonly session: string;
  readonly records: readonly TrafficRecord[];
  readonly hasMore: boolean;
}

/** What happened in a session, from its request to its end: why it is where it is, and what became of each message. */
export function explainSession(
  { session, records, hasMore }: KeptSession,
  { routes, rules, findLine }: ExplainedBy,
): SessionExplanation {
  const upgrade = records.find((record) => record.kind === "upgrade");
  const end = records.find((record) => record.kind === "close");
  const since = beginOf(records);
  // A record is written when all is done: one that waited comes behind others that came after it.
  const messages = records
    .filter((record) => record.kind === "frame")
    .toSorted((one, other) => one.time - other.time)
    .map((frame) => explainRow(frame, since, findLine));
  const hooks = records
    .filter((record) => record.kind === "hook")
    .map((record) => hookOf(record, since, findLine));
  return {
    session,
    upgrade: upgrade === undefined ? null : upgradeOf(upgrade, end, findLine),
    route: explainRoute(records[0]?.route ?? "", upgrade, routes, rules),
    messages,
    hooks,
    hasMore,
    end: end === undefined ? null : { ...endOf(end), call: findEndingCall(end, { messages, hooks }) },
  };
}

/** Milliseconds since 1970. */
export function beginOf(records: readonly TrafficRecord[]): number {
  const begin = records.find((record) => record.kind === "upgrade") ?? records[0];
  return begin?.time ?? 0;
}

/** @param message `client:3`; undefined: it is no message's name */
export function findMessage(
  records: readonly TrafficRecord[],
  message: MessageName,
): FrameRecord | undefined {
  return records
    .filter((record) => record.kind === "frame")
    .find(({ origin, sequence }) => origin === message.origin && sequence === message.sequence);
}

export interface MessageName {
  readonly origin: "client" | "server";
  readonly sequence: number;
}

/** @returns undefined for what is not like `client:3` */
export function parseMessageName(text: string): MessageName | undefined {
  const [, origin, sequence] = /^(client|server):([1-9]\d{0,14})$/.exec(text) ?? [];
  return origin === undefined
    ? undefined
    : { origin: origin as MessageName["origin"], sequence: Number(sequence) };
}

function upgradeOf(
  record: UpgradeRecord,
  end: CloseRecord | undefined,
  findLine: FindHookLine,
): NonNullable<SessionExplanation["upgrade"]> {
  const { kind: _, seq: __, session: ___, route: ____, steps, ...upgrade } = record;
  // A client that is held is let in before it has a server: its end knows which one it came to.
  const server = upgrade.server || (end?.server ?? "");
  return { ...upgrade, server, steps: explainSteps(steps, "upgrade", findLine) };
}

function hookOf(
  { kind: _, session: __, route: ___, ...record }: HookRecord,
  since: number,
  findLine: FindHookLine,
): ExplainedHook {
  return {
    ...record,
    place: explainPlace(record, record.hook, findLine),
    sinceStartMs: record.time - since,
  };
}

function endOf({
  kind: _,
  seq: __,
  session: ___,
  route: ____,
  ...end
}: CloseRecord): Omit<CloseRecord, "kind" | "seq" | "session" | "route"> {
  return end;
}
