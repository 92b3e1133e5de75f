import { showPath } from "../../policies/shown-path.ts";
import { fingerprintOf } from "./groups.ts";
import type { ReplayReport } from "./report.ts";
import { formatChanges, titleOf, wordEvent } from "./report-text.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
const RULE = "framegate/replay-difference";

/** SARIF 2.1.0: a result for each kind of difference, at the line of the policy's hook. */
export function formatSarif({ recording, groups }: ReplayReport, version: string): string {
  const results = groups.map((group) => {
    const [first] = group.differences;
    const example = first === undefined ? [] : [wordEvent(first), ...formatChanges(first.changes)];
    const { place } = group;
    return {
      ruleId: RULE,
      level: "error",
      message: { text: [titleOf(group), ...example].join("\n") },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: place === undefined ? toUri(recording) : toUri(showPath(place.file)) },
            region: { startLine: place?.line ?? first?.line ?? 1 },
          },
        },
      ],
      partialFingerprints: { "framegate/v1": first === undefined ? "" : fingerprintOf(first) },
    };
  });
  const rule = {
    id: RULE,
    shortDescription: { text: "A recorded session comes out otherwise with these policies." },
  };
  const driver = { name: "framegate", version, rules: [rule] };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [{ tool: { driver }, results }] }, undefined, 2)}\n`;
}

function toUri(path: string): string {
  return path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
