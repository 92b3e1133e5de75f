import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The documents that the tests in this folder keep true, below the root of the project. */
export const documents = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs/policies.md",
  "docs/config.md",
  "docs/operations.md",
  "docs/embedding.md",
  "docs/conformance.md",
  "docs/admin-api.md",
  "docs/attacked.md",
  "docs/reliability.md",
  "docs/performance.md",
  "bench/README.md",
  "docs/packs.md",
  "docs/packages.md",
  "docs/sessions.md",
  "docs/scale.md",
  "docs/rollout.md",
  "docs/shadow.md",
  "docs/sources.md",
  "docs/fleet.md",
  "docs/sinks.md",
  "docs/standard/README.md",
  "docs/xml/README.md",
  "docs/xml/redact.md",
  "docs/lenses/README.md",
  "docs/lenses/graphql-ws.md",
  "docs/lenses/jsonrpc.md",
  "docs/lenses/mqtt.md",
  "docs/lenses/ocpp.md",
  "docs/lenses/openai-realtime.md",
  "docs/lenses/signalr.md",
  "docs/lenses/socket-io.md",
  "docs/asyncapi.md",
  "docs/lenses/stomp.md",
  "docs/lenses/windows.md",
  "docs/testing.md",
  "docs/debugging.md",
  "docs/cookbook.md",
  "docs/policy-api.md",
  "docs/console.md",
  "docs/filters.md",
  "samples/browser-origins/README.md",
  "samples/inside-a-server/README.md",
  "samples/many-upstreams/README.md",
  "samples/migrating-from-api-gateway/README.md",
  "samples/tls-client-certificates/README.md",
  "deploy/README.md",
] as const;

export type DocumentName = (typeof documents)[number];

export const root = fileURLToPath(new URL("../../", import.meta.url));

export function readDocument(name: DocumentName): Promise<string> {
  return readFile(`${root}${name}`, "utf8");
}

/** What stands below a heading, up to the next one of its level or above. Throws when there is no such heading. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const level = levelOf(lines[start]);
  const length = lines.slice(start + 1).findIndex((line) => levelOf(line) <= level);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join("\n");
}

/** 1 for what stands below nothing, 9 for a line that is no heading. */
function levelOf(line = ""): number {
  return /^(#+) /.exec(line)?.[1]?.length ?? 9;
}

/** The cells of each row of a section's tables, the heads left out. */
export function rowsOf(section: string): string[][] {
  const lines = section.split("\n");
  return lines.flatMap((line, index) => {
    const isHead = /^\| ?-/.test(lines[index + 1] ?? "");
    if (!line.startsWith("|") || isHead || /^\| ?-/.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    return [cells.map((cell) => cell.trim().replaceAll("\\|", "|"))];
  });
}

/** The first cells of a section's rows, without their backticks, sorted. */
export function namesIn(section: string): string[] {
  return rowsOf(section)
    .map(([name = ""]) => name.replaceAll("`", ""))
    .sort();
}

/** The code of all fenced blocks with this info string: `sh`, `ts policy`, `ts config`. */
export function codeBlocks(text: string, info: string): string[] {
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].flatMap(([, found, code = ""]) =>
    found === info ? [code] : [],
  );
}
