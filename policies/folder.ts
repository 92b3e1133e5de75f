import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Bundle } from "./bundle/bundle.ts";
import { messageOf, PoliciesError } from "./error.ts";
import { parsePolicyName } from "./pack/pack-name.ts";
import { showPath } from "./shown-path.ts";

export interface PolicySource {
  /** The file's path below the policy folder, with `/`, without its ending. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** Of a pack: verifies it and takes its bundle, which was built by its author. */
  readonly bundle?: () => Promise<Bundle>;
}

const POLICY_FILE = /^(.+)\.(?:ts|mts|js|mjs)$/;
const NOT_A_POLICY = /\.(?:d|test|spec)\.[^.]+$/;

/**
 * The policies in a folder and its sub-folders, sorted by name; none when the folder does not exist, unless it must. Left out are
 * declarations, tests, `node_modules`, and files and folders whose name begins with `.` or `_`: what policies share.
 */
export async function findPolicies(
  dir: string,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<PolicySource[]> {
  const root = resolve(dir);
  const listing = await list(root);
  if (mustExist && listing === undefined) throw folderIsGone(root);
  const sources = listing === undefined ? [] : await collect(root, listing, "", []);
  sources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  sources.forEach((source, i) => {
    if (source.name === sources[i - 1]?.name) throw sameName(source.name, sources[i - 1]!.file, source.file);
    if (parsePolicyName(source.name)) throw packName(source);
  });
  return sources;
}

/** @param parents Real paths of the folders on the way down, so that a symlink to one of them ends there. */
async function collect(
  dir: string,
  listing: Listing,
  prefix: string,
  parents: readonly string[],
): Promise<PolicySource[]> {
  if (parents.includes(listing.realDir)) return [];
  const found: PolicySource[] = [];
  for (const entry of listing.entries) {
    if (/^[._]/.test(entry.name) || entry.name === "node_modules") continue;
    const file = join(dir, entry.name);
    const kind = await kindOf(entry, file);
    const name = POLICY_FILE.exec(entry.name)?.[1];
    if (kind === "folder") {
      const below = await list(file);
      const path = [...parents, listing.realDir];
      if (below) found.push(...(await collect(file, below, `${prefix}${entry.name}/`, path)));
    } else if (kind === "file" && name && !NOT_A_POLICY.test(entry.name)) {
      found.push({ name: prefix + name, file });
    }
  }
  return found;
}

interface Listing {
  readonly realDir: string;
  readonly entries: readonly Dirent[];
}

async function list(dir: string): Promise<Listing | undefined> {
  try {
    return { realDir: await realpath(dir), entries: await readdir(dir, { withFileTypes: true }) };
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const message = `the policy folder ${showPath(dir)} cannot be read: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_POLICY_FOLDER", message, { cause });
  }
}

async function kindOf(entry: Dirent, file: string): Promise<"file" | "folder" | "other"> {
  // A link whose target is gone is a file that is not there.
  const target = entry.isSymbolicLink() ? await stat(file).catch(() => undefined) : entry;
  if (target?.isDirectory()) return "folder";
  return target?.isFile() ? "file" : "other";
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** As when a volume is not mounted any more, or a deployment is under way: nobody has deleted the policies one by one. */
function folderIsGone(dir: string): PoliciesError {
  const message =
    `the policy folder ${showPath(dir)} is gone: what it held stays as it is. ` +
    "Put it back; to remove its policies delete the files and leave the folder";
  return new PoliciesError("ERR_POLICY_FOLDER", message);
}

/** A file that passes for a policy of a pack would have none of its checks. */
function packName({ name, file }: PolicySource): PoliciesError {
  const message = `${showPath(file)}: "${name}" is the name of a policy of a pack: rename the folder`;
  return new PoliciesError("ERR_POLICY_FOLDER", message, { inputs: [file] });
}

function sameName(name: string, first: string, second: string): PoliciesError {
  const files = `${showPath(first)} and ${showPath(second)}`;
  const message = `${files} are both the policy "${name}": rename or delete one of them`;
  return new PoliciesError("ERR_POLICY_FOLDER", message, { inputs: [first, second] });
}
