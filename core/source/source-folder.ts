import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { MAX_ENTRIES, MAX_UNPACKED_BYTES } from "../../policies/pack/archive.ts";
import { isSafePath } from "../../policies/pack/manifest.ts";
import { INSTALLED_FOLDER, TYPES_FILE } from "../../policies/pack/pack-folder.ts";
import type { SourceFiles } from "./version.ts";

/**
 * The files below a folder: by their path in it, where they are. What links mean counts, as a ConfigMap's files are links.
 * Throws an Error that says what is too much.
 *
 * @param takesAll else, of what is hidden only packs, and nothing of `node_modules`
 * @param within what links may lead to
 */
export async function listFolder(
  dir: string,
  takesAll = false,
  within = dir,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const root = join(await realpath(within), sep);
  let bytes = 0;
  await collect(await realpath(dir), "", []);
  return files;

  async function collect(folder: string, prefix: string, parents: readonly string[]): Promise<void> {
    // A link to a folder that it is in.
    if (parents.includes(folder)) return;
    for (const name of await readdir(folder)) {
      if (!takesAll && isLeftOut(name)) continue;
      const file = await realpath(join(folder, name)).catch(() => undefined);
      const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
      if (file === undefined || found === undefined) continue;
      if (!join(file, sep).startsWith(root))
        throw new Error(`"${prefix}${name}" is a link that leads out of ${root}: put there what it means`);
      if (found.isDirectory()) await collect(file, `${prefix}${name}/`, [...parents, folder]);
      else if (found.isFile()) add(prefix + name, file, found.size);
    }
  }

  function add(path: string, file: string, size: number): void {
    if (!isSafePath(path)) throw new Error(`"${path}" is no path that a version can have`);
    bytes += size;
    if (bytes > MAX_UNPACKED_BYTES) throw new Error(`it has more than ${MAX_UNPACKED_BYTES} bytes`);
    if (files.size === MAX_ENTRIES) throw new Error(`it has more than ${MAX_ENTRIES} files`);
    files.set(path, file);
  }
}

export async function readFiles(listed: ReadonlyMap<string, string>): Promise<SourceFiles> {
  const files = new Map<string, Uint8Array>();
  for (const [path, file] of listed) files.set(path, await readFile(file));
  return files;
}

function isLeftOut(name: string): boolean {
  // What an editor reads is no part of a version: it comes and goes with whoever has edited there.
  if (name === "node_modules" || name === TYPES_FILE) return true;
  return name.startsWith(".") && name !== INSTALLED_FOLDER;
}
