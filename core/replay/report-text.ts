import { countOf } from "../../policies/count-of.ts";
import { showPath } from "../../policies/shown-path.ts";
import { showForCi } from "../../policies/shown-text.ts";
import type { ValueChange } from "../verdicts/json-diff.ts";
import type { ReplayDifference } from "./difference.ts";
import type { ReplayReport, ReportedGroup } from "./report.ts";

/** Examples of a group that are written out, and changes of each. */
const MAX_EXAMPLES = 3;
const MAX_CHANGES = 20;
const MAX_VALUE = 200;
const MAX_STACK_LINES = 6;

/** For people, on a terminal or in the log of a CI server. The same report is the same text. */
export function formatReport(report: ReplayReport): string {
  const count = report.groups.reduce((sum, { differences }) => sum + differences.length, 0);
  const accepted = report.accepted === 0 ? "" : `, ${report.accepted} accepted before`;
  const summary =
    count === 0
      ? `no new difference${accepted}`
      : `${countOf(count, "new difference", "new differences")} of ${countOf(report.groups.length, "kind", "kinds")}${accepted}`;
  const replayed = [
    countOf(report.sessions, "session"),
    ...(report.refused === 0 ? [] : [countOf(report.refused, "refused request")]),
    countOf(report.messages, "message"),
  ].join(", ");
  const lines = [
    `${report.recording}: ${replayed} replayed`,
    ...noteLeft(report),
    ...report.groups.map(formatGroup),
    ...(report.groups.length === 0 ? [] : [""]),
    summary,
  ];
  return `${showForCi(lines.join("\n"))}\n`;
}

/** One line that says what a group is about: also the title of a finding in CI. */
export function titleOf({ policy, hook, paths, differences }: ReportedGroup): string {
  const who = policy === "" ? "no policy" : `policy ${policy}`;
  return `${who}, hook ${hook}: ${paths.join(", ")} differs${differences.length === 1 ? "" : ` ${differences.length} times`}`;
}

/** Which event of the recording a difference is about. */
export function wordEvent({ hook, session, sequence, line, time }: ReplayDifference): string {
  const what = sequence === undefined ? hook : `message ${sequence} of the ${hook}`;
  return `${what}, session ${session.replace(/\s/g, " ")} (line ${line}, ${new Date(time).toISOString()})`;
}

export function formatChanges(changes: readonly ValueChange[]): string[] {
  const lines = changes.slice(0, MAX_CHANGES).map((change) => {
    const { path, before, after } = change;
    if (!("before" in change)) return `${path}: + ${show(after)}`;
    if (!("after" in change)) return `${path}: - ${show(before)}`;
    return `${path}: ${show(before)} → ${show(after)}`;
  });
  return changes.length > MAX_CHANGES ? [...lines, `… ${changes.length - MAX_CHANGES} more`] : lines;
}

function formatGroup(group: ReportedGroup): string {
  const place = group.place === undefined ? "" : `${showPath(group.place.file)}:${group.place.line}: `;
  const examples = group.differences
    .slice(0, MAX_EXAMPLES)
    .flatMap((difference) => [
      `  ${wordEvent(difference)}`,
      ...formatChanges(difference.changes).map((line) => `    ${line}`),
      ...stackLines(difference).map((line) => `    ${line}`),
    ]);
  const others = group.differences.length - MAX_EXAMPLES;
  return ["", `${place}${titleOf(group)}`, ...examples, ...(others > 0 ? [`  … ${others} more`] : [])].join(
    "\n",
  );
}

function noteLeft({ left: { cutMessages, unreached } }: ReplayReport): string[] {
  return [
    ...(cutMessages === 0
      ? []
      : [
          `${countOf(cutMessages, "message was", "messages were")} recorded in part and left out: record more of each with \`recording: { payload: "1MiB" }\``,
        ]),
    ...(unreached === 0
      ? []
      : [`${countOf(unreached, "message came", "messages came")} after a policy had closed the session`]),
  ];
}

function stackLines({ stack = "" }: ReplayDifference): string[] {
  return stack.split("\n").slice(0, stack === "" ? 0 : MAX_STACK_LINES);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
