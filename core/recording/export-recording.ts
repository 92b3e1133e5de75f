import { splitPeer } from "../net/peer.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { CloseRecord, TrafficRecord, UpgradeRecord } from "../traffic/records.ts";
import type { TrafficStore } from "../traffic/store/store.ts";
import type { KeptAnswers } from "./answer-log.ts";
import { redactAnswer } from "./answer-redaction.ts";
import type { ExportedRecording } from "./exported-schema.ts";
import {
  type CapabilityLine,
  type CloseLine,
  type EventLine,
  RECORDING_TYPE,
  RECORDING_VERSION,
  type RecordingHeader,
  type UpgradeLine,
} from "./format.ts";
import { hookLineOf } from "./hook-lines.ts";
import { MessageLines, stepOf } from "./message-lines.ts";

export interface RecordingSelection {
  /** Ids; whole sessions. */
  readonly sessions: readonly string[];
  /** More records than this are not taken, over all sessions. */
  readonly maxRecords: number;
  /** For the first line: what makes the file, and when (ISO 8601). */
  readonly by: string;
  readonly made: string;
  readonly rules: RedactionRules;
  /**
   * Equal placeholders for equal secrets. They tell whoever can send guesses through the gateway which of them is somebody
   * else's secret: not for those who may only look.
   */
  readonly isConsistent: boolean;
  /** What policies were told by `kv` and `fetch`. */
  readonly kept: KeptAnswers;
}

const PAGE_RECORDS = 1000;

/** What the store has of these sessions, as a recording. */
export async function exportRecording(
  store: TrafficStore,
  selection: RecordingSelection,
): Promise<ExportedRecording> {
  const isConsistent = selection.isConsistent && store.redactsLate;
  const rules = isConsistent ? selection.rules.consistent() : selection.rules;
  const lines: EventLine[] = [];
  let left = selection.maxRecords;
  let leftOut = 0;
  for (const session of new Set(selection.sessions)) {
    const records = await readSession(store, session, left, rules);
    left -= records?.length ?? left;
    const found = records && linesOf(records);
    if (found === undefined) leftOut++;
    else lines.push(...found);
  }
  const answers = answerLines(lines, { ...selection, rules });
  lines.push(...answers);
  lines.sort((a, b) => a.time - b.time);
  const { made, by } = selection;
  const redaction = isConsistent ? "consistent" : "plain";
  const header: RecordingHeader = { type: RECORDING_TYPE, version: RECORDING_VERSION, made, by, redaction };
  const messages = lines.filter((line) => line.type === "message");
  return {
    recording: `${[header, ...lines].map((line) => JSON.stringify(line)).join("\n")}\n`,
    sessions: countOf(lines, "upgrade"),
    messages: messages.length,
    cutMessages: messages.filter(({ body }) => body.length !== undefined).length,
    answers: answers.length,
    lostAnswers: selection.kept.lost,
    leftOut,
  };
}

/** Those that the policies of these sessions were told while they went on: for other sessions too, nobody knows for which. */
function answerLines(
  lines: readonly EventLine[],
  { kept, rules, made }: RecordingSelection,
): CapabilityLine[] {
  const times = lines.map(({ time }) => time);
  const first = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const isOpen = countOf(lines, "close") < countOf(lines, "upgrade");
  // What the last message of an open session is told comes after it.
  const last = times.reduce((most, time) => Math.max(most, time), isOpen ? Date.parse(made) : 0);
  const policies = new Set(lines.flatMap(askersOf));
  return kept.answers
    .filter(({ policy, time }) => policies.has(policy) && time >= first && time <= last)
    .map((answer) => redactAnswer(answer, rules));
}

function askersOf(line: EventLine): readonly string[] {
  switch (line.type) {
    case "upgrade":
    case "message":
      return (line.result?.steps ?? []).map(({ policy }) => policy);
    case "hook":
      return [line.policy];
    case "close":
    case "capability":
      return [];
  }
}

function countOf(lines: readonly EventLine[], type: EventLine["type"]): number {
  return lines.filter((line) => line.type === type).length;
}

/** @returns undefined for more than there is room for */
async function readSession(
  store: TrafficStore,
  session: string,
  most: number,
  rules: RedactionRules,
): Promise<TrafficRecord[] | undefined> {
  const records: TrafficRecord[] = [];
  let after = 0;
  for (;;) {
    const page = await store.query({ session, after, limit: PAGE_RECORDS }, rules);
    records.push(...page.records);
    if (records.length > most) return undefined;
    const last = page.records.at(-1);
    if (!page.hasMore || last === undefined) return records;
    after = last.seq;
  }
}

/** @returns undefined where the beginning is missing, or policies had no part in it */
function linesOf(records: readonly TrafficRecord[]): EventLine[] | undefined {
  const upgrade = records.find((record) => record.kind === "upgrade");
  const begun = upgrade && upgradeLineOf(upgrade);
  const first = upgrade && begun && { ...begun, ...noteOf(upgrade) };
  if (first === undefined) return undefined;
  const messages = new MessageLines();
  const others = records.flatMap((record): EventLine[] => {
    if (record.kind === "upgrade" || record.kind === "request") return [];
    const line =
      record.kind === "close"
        ? closeLineOf(record)
        : record.kind === "hook"
          ? hookLineOf(record)
          : messages.add(record);
    return line === undefined ? [] : [{ ...line, ...noteOf(record) }];
  });
  // The request comes first, and the close last, whatever the clock did meanwhile.
  const all = [
    first,
    ...others.filter(({ type }) => type !== "close"),
    ...others.filter(({ type }) => type === "close"),
  ];
  let time = 0;
  return all.map((line) => {
    time = Math.max(time, line.time);
    return { ...line, time };
  });
}

function noteOf({ marked, note }: TrafficRecord): Pick<TrafficRecord, "marked" | "note"> {
  return { ...(marked && { marked }), ...(note !== undefined && { note }) };
}

/** Refusals that are the policies' doing. */
const BY_POLICIES = ["ERR_REJECTED", "ERR_POLICY_FAULT", "ERR_POLICY_UNAVAILABLE"];

function upgradeLineOf(record: UpgradeRecord): UpgradeLine | undefined {
  const { session, time, route, method, path, request, client, attributes, server, subprotocol, steps } =
    record;
  const isByPolicies = BY_POLICIES.includes(record.code);
  // Whom the gateway turned away before it asked policies, they have no part in.
  if (record.code !== "" && !isByPolicies && steps.length === 0) return undefined;
  return {
    type: "upgrade",
    session,
    time,
    route,
    method,
    url: path,
    headers: request,
    client: {
      ...splitPeer(client),
      // The record does not say; a page that came by TLS could not have asked without.
      tls: request.some(([name, value]) => name.toLowerCase() === "origin" && value.startsWith("https:")),
    },
    result: {
      status: isByPolicies ? record.status : 101,
      attributes,
      server,
      subprotocol,
      steps: steps.map(stepOf),
    },
  };
}

function closeLineOf({
  session,
  time,
  initiator,
  code,
  reason,
  durationMs,
  messages,
  bytes,
}: CloseRecord): CloseLine {
  return { type: "close", session, time, initiator, code, reason, durationMs, messages, bytes };
}
