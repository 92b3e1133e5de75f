import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderOptionTypes } from "./options-type.ts";
import { openPack, readInstalled } from "./pack.ts";
import { INSTALLED_FOLDER, listInstalled } from "./pack-folder.ts";

/** Below the folder of the installed packs: what an editor knows of them. */
export const TYPES_FILE = "framegate-packs.d.ts";

/** Writes what configs may give to the policies of the installed packs. A pack that is not what it was is left out. */
export async function writePackTypes(policiesDir: string): Promise<void> {
  const root = join(policiesDir, INSTALLED_FOLDER);
  const file = join(root, TYPES_FILE);
  const schemas: Record<string, unknown> = {};
  for (const pack of await listInstalled(policiesDir)) {
    Object.assign(schemas, await readSchemas(join(root, pack)).catch(() => ({})));
  }
  if (Object.keys(schemas).length === 0) return rm(file, { force: true });
  await mkdir(root, { recursive: true });
  await writeFile(file, renderFile(schemas));
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

function renderFile(schemas: Readonly<Record<string, unknown>>): string {
  return [
    "// Written by framegate add, update and remove: the options of the policies of packs, for framegate.config.ts.",
    "",
    // Without an import it would declare the module anew.
    'import type {} from "framegate";',
    "",
    'declare module "framegate" {',
    "  interface PolicyOptions {",
    ...renderOptionTypes(schemas, "    "),
    "  }",
    "}",
    "",
  ].join("\n");
}
