import { formatSarif } from "../../policies/sarif.ts";
import { fingerprintOf } from "./groups.ts";
import type { ReplayReport } from "./report.ts";
import { formatChanges, titleOf, wordEvent } from "./report-text.ts";

const RULE = {
  id: "framegate/replay-difference",
  text: "A recorded session comes out otherwise with these policies.",
};

/** A finding for each kind of difference, at the line of the policy's hook. */
export function reportSarif({ recording, groups }: ReplayReport, version: string): string {
  const findings = groups.map((group) => {
    const [first] = group.differences;
    const example = first === undefined ? [] : [wordEvent(first), ...formatChanges(first.changes)];
    return {
      message: [titleOf(group), ...example].join("\n"),
      file: group.place?.file ?? recording,
      line: group.place?.line ?? first?.line ?? 1,
      fingerprint: first === undefined ? "" : fingerprintOf(first),
    };
  });
  return formatSarif({ version, rule: RULE, findings });
}
