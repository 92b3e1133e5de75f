import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";

/**
 * The files that say how sources are compiled: of each the nearest tsconfig.json, no higher than `root`, and what those
 * extend. Without them the same sources were another version where they are pushed to.
 */
export async function findCompilerOptions(
  sources: Iterable<string>,
  root: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const folders = new Set([...sources].filter((file) => !isOfPackage(file)).map((file) => dirname(file)));
  for (const folder of folders) {
    const nearest = await findNearest(folder, root);
    if (nearest !== undefined) await addWithBases(nearest, found);
  }
  return found;
}

function isOfPackage(file: string): boolean {
  return file.includes(`${sep}node_modules${sep}`);
}

async function findNearest(folder: string, root: string): Promise<string | undefined> {
  for (let dir = folder; dir === root || dir.startsWith(root + sep); dir = dirname(dir)) {
    const file = join(dir, "tsconfig.json");
    if (await isFile(file)) return file;
  }
  return undefined;
}

async function addWithBases(file: string, found: Set<string>): Promise<void> {
  if (found.has(file)) return;
  found.add(file);
  // It may have comments: one that has such a line in it costs a file too many.
  const [, value = ""] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(await readFile(file, "utf8")) ?? [];
  for (const [, spec = ""] of value.matchAll(/"([^"]+)"/g)) {
    const base = await findBase(spec, file);
    if (base !== undefined) await addWithBases(base, found);
  }
}

async function findBase(spec: string, file: string): Promise<string | undefined> {
  if (!spec.startsWith(".") && !isAbsolute(spec)) return findInPackage(spec, createRequire(file).resolve);
  const path = resolve(dirname(file), spec);
  for (const each of [path, `${path}.json`]) if (await isFile(each)) return each;
  return undefined;
}

function findInPackage(spec: string, find: (spec: string) => string): string | undefined {
  for (const each of [spec, `${spec}.json`, `${spec}/tsconfig.json`]) {
    try {
      return find(each);
    } catch {} // it is the next, or none
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
