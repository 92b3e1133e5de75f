import { showPath } from "./shown-path.ts";

/** One thing that was found, and where. */
export interface SarifFinding {
  readonly message: string;
  /** As it was given, or absolute; none: it is in no file. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** What tells it from others when lines have moved. */
  readonly fingerprint?: string;
}

export interface SarifReport {
  readonly version: string;
  readonly rule: { readonly id: string; readonly text: string };
  readonly findings: readonly SarifFinding[];
}

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** SARIF 2.1.0, as servers of code show it beside the lines: each finding an error. */
export function formatSarif({ version, rule, findings }: SarifReport): string {
  const driver = {
    name: "framegate",
    version,
    rules: [{ id: rule.id, shortDescription: { text: rule.text } }],
  };
  const results = findings.map((finding) => ({
    ruleId: rule.id,
    level: "error",
    message: { text: finding.message },
    ...(finding.file !== undefined && { locations: [locationOf({ ...finding, file: finding.file })] }),
    ...(finding.fingerprint !== undefined && {
      partialFingerprints: { "framegate/v1": finding.fingerprint },
    }),
  }));
  const log = { $schema: SCHEMA, version: "2.1.0", runs: [{ tool: { driver }, results }] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function locationOf({ file, line = 1, column }: SarifFinding & { readonly file: string }) {
  return {
    physicalLocation: {
      artifactLocation: {
        uri: showPath(file).replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/"),
      },
      region: { startLine: line, ...(column !== undefined && { startColumn: column }) },
    },
  };
}
