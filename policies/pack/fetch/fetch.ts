import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { suggestName } from "../../../sandbox/suggestion.ts";
import { messageOf, PoliciesError } from "../../error.ts";
import { MAX_ARCHIVE_BYTES } from "../archive.ts";
import { packWithNpm } from "./npm-pack.ts";

/** The .tgz of a pack, from wherever it is. */
export interface FetchedPack {
  readonly bytes: Uint8Array;
  /** To fetch it anew: `file:` and an absolute path, or what was asked for. */
  readonly source: string;
}

/**
 * @param spec a .tgz file, a folder, or what npm takes: a name, `name@range`, a git URL. With npm's own configuration
 *   of the working directory; scripts of packages never run. Throws a PoliciesError (`ERR_PACK_FETCH`).
 */
export async function fetchPack(spec: string): Promise<FetchedPack> {
  if (/^-/.test(spec) || spec.trim() === "") throw failed(spec, "it is no name, file, folder or git URL");
  const path = pathOf(spec);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) {
    if (found.size > MAX_ARCHIVE_BYTES) throw failed(spec, `it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    return { bytes: await readFile(path), source: `file:${resolve(path)}` };
  }
  const isFolder = found?.isDirectory() ?? false;
  if (isFolder) await requirePackage(path, spec);
  else if (isPath(spec)) throw failed(spec, await wordMissing(path));
  try {
    const bytes = await packWithNpm(isFolder ? resolve(path) : spec, MAX_ARCHIVE_BYTES);
    return { bytes, source: isFolder ? `file:${resolve(path)}` : spec };
  } catch (cause) {
    throw failed(spec, messageOf(cause), cause);
  }
}

function pathOf(spec: string): string {
  if (spec.startsWith("file://")) return fileURLToPath(spec);
  return spec.replace(/^file:/, "");
}

/** Packs have scopes, and all else that npm takes has a colon: a name without both is one in the file system. */
function isPath(spec: string): boolean {
  return spec.startsWith("file:") || /^[^@:][^:]*$/.test(spec);
}

async function requirePackage(dir: string, spec: string): Promise<void> {
  const found = await stat(join(dir, "package.json")).catch(() => undefined);
  if (found) return;
  const what =
    "the folder has no package.json: name the pack's own folder; `framegate pack init` begins a pack";
  throw failed(spec, what);
}

async function wordMissing(path: string): Promise<string> {
  const file = resolve(path);
  const beside = await readdir(dirname(file)).catch(() => undefined);
  const near = beside && suggestName(basename(file), beside);
  const way =
    near === undefined
      ? "a pack of a registry is named with its scope, as @acme/guard, and one of GitHub as github:acme/guard"
      : `did you mean ${join(dirname(path), near)}?`;
  return `there is no ${file}; ${way}`;
}

function failed(spec: string, what: string, cause?: unknown): PoliciesError {
  return new PoliciesError("ERR_PACK_FETCH", `"${spec}" cannot be fetched: ${what}`, { cause });
}
