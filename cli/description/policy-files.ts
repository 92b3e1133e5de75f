import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileOriginOf, type GeneratedFile } from "../../core/description/files/generated-file.ts";
import { showPath } from "../../policies/shown-path.ts";
import { CliError } from "../errors.ts";

export interface PlannedFile extends GeneratedFile {
  /** `kept`: edited by hand, and would be another now. */
  readonly fate: "new" | "changed" | "same" | "kept";
}

/**
 * What is to become of each file. One that somebody has edited stays, unless what is generated is what it was.
 *
 * @param replaces whether edited files are replaced
 */
export async function planFiles(
  dir: string,
  files: readonly GeneratedFile[],
  replaces: boolean,
): Promise<readonly PlannedFile[]> {
  return Promise.all(files.map(async (file) => ({ ...file, fate: await fateOf(dir, file, replaces) })));
}

async function fateOf(dir: string, file: GeneratedFile, replaces: boolean): Promise<PlannedFile["fate"]> {
  const place = join(dir, file.name);
  const text = await readFile(place, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return "new";
  if (text === file.text) return "same";
  const found = fileOriginOf({ name: file.name, text });
  const made = fileOriginOf(file);
  if (found.kind === "foreign" || made.kind === "foreign") {
    const message = `${showPath(place)} is there already, and was not made by this command: choose another --name, or move it.`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  if (found.kind === "generated") return "changed";
  if (found.digest === made.digest) return "same";
  return replaces ? "changed" : "kept";
}

export async function writeFiles(dir: string, plan: readonly PlannedFile[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  // The policy comes last: it reads the others.
  const written = plan.filter(({ fate }) => fate === "new" || fate === "changed");
  for (const { name, text } of written) await writeFile(join(dir, name), text);
}
