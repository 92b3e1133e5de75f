import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildJsonSchema } from "../core/config/json-schema.ts";
import { renderTables } from "./config-tables.ts";
import { renderInputTypes } from "./config-types.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The files that follow from the config's schema, by their paths, as they should be. */
export async function renderConfigFiles(): Promise<ReadonlyMap<string, string>> {
  const schema = join(root, "docs/config.schema.json");
  const document = join(root, "docs/config.md");
  return new Map([
    [join(root, "core/config/generated/config-input.ts"), renderInputTypes()],
    [schema, format(schema, JSON.stringify(buildJsonSchema()))],
    [document, renderTables(await readFile(document, "utf8"))],
  ]);
}

/** As the formatter of the project leaves a file of this name. */
function format(file: string, text: string): string {
  const biome = join(root, "node_modules/.bin/biome");
  const { stdout, stderr, status } = spawnSync(biome, ["format", `--stdin-file-path=${file}`], {
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
