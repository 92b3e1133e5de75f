import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findPolicies } from "../folder.ts";
import { renderOptionTypes } from "./options-type.ts";
import { openPack, readInstalled } from "./pack.ts";
import { createPackFolder, INSTALLED_FOLDER, listInstalled, TYPES_FILE } from "./pack-folder.ts";
import { keyOf } from "./schema-type.ts";
import { DEFAULT_RULES } from "./trust.ts";

/**
 * Writes what an editor is to know of a folder's policies: the names of its own and of those of its packs, and what configs may give to those of
 * installed packs. A pack that is not what it was is left out. Nothing is written where it stands so already, or where there are two policies of one name.
 */
export async function writeEditorTypes(policiesDir: string): Promise<void> {
  const root = join(policiesDir, INSTALLED_FOLDER);
  const file = join(root, TYPES_FILE);
  const own = await findPolicies(policiesDir).catch(() => undefined);
  if (own === undefined) return;
  const { sources } = await createPackFolder(policiesDir, DEFAULT_RULES).find();
  const schemas: Record<string, unknown> = {};
  for (const pack of await listInstalled(policiesDir)) {
    Object.assign(schemas, await readSchemas(join(root, pack)).catch(() => ({})));
  }
  const names = [...own, ...sources].map(({ name }) => name).filter((name) => !Object.hasOwn(schemas, name));
  if (names.length === 0 && Object.keys(schemas).length === 0) return rm(file, { force: true });
  const text = renderFile(names, schemas);
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return;
  await mkdir(root, { recursive: true });
  await writeFile(file, text);
}

async function readSchemas(dir: string): Promise<Record<string, unknown>> {
  const { name, policies } = openPack(await readInstalled(dir), dir).manifest;
  const known = Object.entries(policies).flatMap(([policy, { optionsSchema }]) =>
    typeof optionsSchema === "object" && optionsSchema !== null
      ? [[`${name}/${policy}`, optionsSchema] as const]
      : [],
  );
  return Object.fromEntries(known);
}

function renderFile(names: readonly string[], schemas: Readonly<Record<string, unknown>>): string {
  return [
    "// Written by framegate: the policies of this folder and of its packs, for framegate.config.ts.",
    "",
    // Without an import it would declare the module anew.
    'import type {} from "framegate";',
    "",
    'declare module "framegate" {',
    "  interface PolicyNames {",
    ...names.toSorted().map((name) => `    readonly ${keyOf(name)}: true;`),
    "  }",
    "  interface PolicyOptions {",
    ...renderOptionTypes(schemas, "    "),
    "  }",
    "}",
    "",
  ].join("\n");
}
