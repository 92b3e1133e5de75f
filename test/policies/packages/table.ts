import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../docs/documents.ts";
import { catalogue } from "./catalogue.ts";
import type { PackageCase } from "./package-case.ts";

/** What docs/packages.md has after this heading. */
export const HEADING = "## The packages\n\n";

/** Of all packages with the versions that are installed. */
export async function renderTable(): Promise<string> {
  const rows = await Promise.all(catalogue.map(renderRow));
  return [
    "| package | version | for | works | to know |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

async function renderRow({ name, use, limit, note = "" }: PackageCase): Promise<string> {
  const file = join(root, "node_modules", name, "package.json");
  const { version } = JSON.parse(await readFile(file, "utf8")) as { readonly version: string };
  return `| \`${name}\` | ${version} | ${[use, limit ? `in part: ${limit}` : "yes", note].join(" | ")} |`;
}
