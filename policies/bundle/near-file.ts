import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { suggestName } from "../../sandbox/suggestion.ts";

/** Entries of a folder. In a larger one nothing is looked for. */
const MOST_ENTRIES = 1000;
const INDEX = /^index\.(?:[cm]?[jt]s|[jt]sx|json)$/;

/**
 * The import that was meant by one that leads nowhere: on its way each name that is not there makes way for the nearest one.
 * Undefined when nothing is near.
 *
 * @param importer absolute
 * @param path relative to its folder
 */
export async function findNearImport(importer: string, path: string): Promise<string | undefined> {
  const from = dirname(importer);
  let found = from;
  for (const name of relative(from, resolve(from, path)).split(sep)) {
    const near = name === ".." ? name : await findNear(found, name, importer);
    if (near === undefined) return undefined;
    found = join(found, near);
  }
  if (!(await canBeImported(found))) return undefined;
  const way = relative(from, found).split(sep).join("/");
  return way.startsWith("../") ? way : `./${way}`;
}

async function findNear(dir: string, name: string, importer: string): Promise<string | undefined> {
  if (name === "") return undefined;
  const entries = await readdir(dir).catch((): string[] => []);
  if (entries.includes(name)) return name;
  if (entries.length > MOST_ENTRIES) return undefined;
  const others = entries.filter((entry) => join(dir, entry) !== importer);
  const near = suggestName(name, others);
  if (near !== undefined) return near;
  // An import may leave the ending out.
  const stem = suggestName(name, others.map(stemOf));
  return others.find((entry) => stemOf(entry) === stem);
}

/** A folder stands for its index, or for what its package.json names. */
async function canBeImported(path: string): Promise<boolean> {
  // Of a file there are no entries to read.
  const entries = await readdir(path).catch(() => undefined);
  return entries?.some((entry) => INDEX.test(entry) || entry === "package.json") ?? true;
}

function stemOf(entry: string): string {
  return basename(entry, extname(entry));
}
