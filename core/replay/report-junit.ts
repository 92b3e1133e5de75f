import { showPath } from "../../policies/shown-path.ts";
import type { ReplayReport } from "./report.ts";
import { formatChanges, titleOf, wordEvent } from "./report-text.ts";

/** As CI servers read the results of tests: a case for each kind of difference, or one that says that there is none. */
export function formatJunit({ recording, groups, messages, sessions }: ReplayReport): string {
  const cases =
    groups.length === 0
      ? [
          `    <testcase classname="framegate replay" name="${escapeXml(`${sessions} sessions, ${messages} messages: no new difference`)}"/>`,
        ]
      : groups.map((group) => {
          const place =
            group.place === undefined
              ? ""
              : ` file="${escapeXml(showPath(group.place.file))}" line="${group.place.line}"`;
          const details = group.differences.flatMap((one) => [
            wordEvent(one),
            ...formatChanges(one.changes),
            "",
          ]);
          return [
            `    <testcase classname="framegate replay" name="${escapeXml(titleOf(group))}"${place}>`,
            `      <failure message="${escapeXml(titleOf(group))}">${escapeXml(details.join("\n").trimEnd())}</failure>`,
            "    </testcase>",
          ].join("\n");
        });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="${escapeXml(recording)}" tests="${cases.length}" failures="${groups.length}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** What XML 1.0 has no way to say is left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
