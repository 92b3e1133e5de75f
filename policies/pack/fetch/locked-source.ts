import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { PoliciesError } from "../../error.ts";
import type { LockedPack } from "../lock.ts";
import { compareVersions, isVersion } from "../version.ts";

const FILE = "file:";

/** As the lock has it: a file or folder by its way from the lock, which is the same on each machine with the repository. */
export async function sourceInLock(source: string, lockFile: string): Promise<string> {
  if (!source.startsWith(FILE)) return source;
  const file = source.slice(FILE.length);
  const way = relative(
    await realpath(dirname(lockFile)),
    join(await realpath(dirname(file)), basename(file)),
  );
  const path = way.split(sep).join("/") || ".";
  return `${FILE}${path.startsWith(".") ? path : `./${path}`}`;
}

export interface Successor {
  /** What is to be fetched. */
  readonly spec: string;
  /** That of its name, when a file was chosen by it. */
  readonly version?: string;
}

/**
 * What is to be fetched to bring a pack up to date: of a .tgz with its version in its name, the one beside it with the
 * highest. Throws a PoliciesError (`ERR_PACK_FETCH`) where nothing lies any more.
 */
export async function findSuccessor(name: string, locked: LockedPack, lockFile: string): Promise<Successor> {
  if (!locked.source.startsWith(FILE)) return { spec: locked.source };
  const file = resolve(await realpath(dirname(lockFile)), locked.source.slice(FILE.length));
  const newest = await findNewest(file, locked.version);
  if (newest) return newest;
  if (await stat(file).catch(() => undefined)) return { spec: `${FILE}${file}` };
  const message = `${name} came from ${locked.source.slice(FILE.length)}, and there is no ${file} now: \`framegate add\` with where the pack lies, and policies.lock.json follows`;
  throw new PoliciesError("ERR_PACK_FETCH", message);
}

/** A name that lies would be followed for ever: nothing beside it has the version that is then in the lock. */
export function requireVersion({ spec, version }: Successor, found: string): void {
  if (version === undefined || version === found) return;
  const message = `${spec.slice(FILE.length)} has the version ${version} in its name, and the pack in it is ${found}: rename the file, or take it away, and update again`;
  throw new PoliciesError("ERR_PACK_FETCH", message);
}

async function findNewest(file: string, version: string): Promise<Successor | undefined> {
  const at = basename(file).lastIndexOf(version);
  const before = basename(file).slice(0, at);
  // Part of another number: `guard-11.0.0.tgz` is no archive of 1.0.0.
  if (at === -1 || /[\d.]$/.test(before)) return undefined;
  const after = basename(file).slice(at + version.length);
  const names = await readdir(dirname(file)).catch(() => []);
  const versions = names
    .filter((each) => each.startsWith(before) && each.endsWith(after))
    .map((each) => each.slice(before.length, each.length - after.length))
    .filter((each) => isVersion(each) && (isPrerelease(version) || !isPrerelease(each)))
    .filter((each) => compareVersions(each, version) >= 0);
  for (const newest of versions.sort(compareVersions).reverse()) {
    const path = join(dirname(file), `${before}${newest}${after}`);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return { spec: `${FILE}${path}`, version: newest };
  }
  return undefined;
}

function isPrerelease(version: string): boolean {
  return version.replace(/\+.*/, "").includes("-");
}
