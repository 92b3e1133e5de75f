import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTar } from "../../../policies/pack/archive.ts";
import { isLoopback } from "../../config/index.ts";
import { showRepository } from "../../net/shown-url.ts";
import { SourceError } from "../errors.ts";
import type { SourceFiles } from "../version.ts";
import type { SourceDriver } from "./driver.ts";
import { findRef } from "./git-refs.ts";
import { type GitAccess, type GitPlace, runGit } from "./git-run.ts";
import { authorizationOf } from "./http.ts";
import type { HttpIdentity } from "./http-client.ts";

export interface GitDriverOptions {
  readonly url: string;
  readonly ref: string;
  /** Folder that counts, "" for all: what else is there is not read. */
  readonly path: string;
  readonly identify: () => HttpIdentity;
}

const FETCHED = "refs/framegate/next";

/** Asks for one commit without its history, into a repository that is there for that only: no hooks, no submodules. */
export function createGitDriver({ url, ref, path, identify }: GitDriverOptions): SourceDriver {
  const origin = showRepository(url, ref);
  const isCommit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref);

  async function look(place: GitPlace, signal: AbortSignal): Promise<{ name: string; commit: string }> {
    if (isCommit) return { name: ref, commit: ref };
    const listing = await runGit(["ls-remote", "--", url, ref, `${ref}^{}`], place, signal);
    const found = findRef(ref, listing.toString("utf8"));
    if (found === undefined) throw failed(`there is no branch or tag "${ref}"`);
    return found;
  }

  async function readFiles(
    name: string,
    commit: string,
    place: GitPlace,
    signal: AbortSignal,
  ): Promise<Buffer> {
    await runGit(["init", "--quiet", "--bare", "--template=", "."], place, signal);
    const into = `+${name}:${FETCHED}`;
    const flags = ["--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
    // Of a folder, git gets the files when they are read, where the server lets it: else all of them.
    const filter = path === "" ? [] : ["--filter=blob:none"];
    await runGit(["fetch", ...flags, ...filter, "--", url, into], place, signal);
    const now = await runGit(["rev-parse", `${FETCHED}^{commit}`], place, signal);
    // It has moved since it was looked at: the next look has it.
    if (now.toString("utf8").trim() !== commit) throw failed(`"${ref}" has moved while it was fetched`);
    const part = path === "" ? [FETCHED] : [`--prefix=${path}/`, `${FETCHED}:${path}`];
    return runGit(["archive", "--format=tar", ...part], place, signal);
  }

  function failed(what: string): SourceError {
    return new SourceError("ERR_SOURCE_FETCH", `${origin} cannot be fetched: ${what}`);
  }

  return {
    origin,
    async fetch(known, signal) {
      const access = accessOf(url, origin, identify());
      const dir = await mkdtemp(join(await realpath(tmpdir()), "framegate-git-"));
      try {
        const place = { ...access, dir };
        const { name, commit } = await look(place, signal);
        if (commit === known?.id) return "unchanged";
        const tar = await readFiles(name, commit, place, signal);
        return { revision: { id: commit }, unpack: () => unpackTar(tar) };
      } finally {
        // What was stopped may end a moment later.
        await rm(dir, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };

  async function unpackTar(tar: Buffer): Promise<SourceFiles> {
    try {
      return await readTar(tar, origin, { hasTopFolder: false });
    } catch (cause) {
      throw new SourceError("ERR_SOURCE_FORMAT", (cause as Error).message, { cause });
    }
  }
}

/** Throws a SourceError for a way that others could put something into. */
function accessOf(url: string, origin: string, identity: HttpIdentity): GitAccess {
  const parsed = URL.parse(url);
  // user@host:path
  const protocol = parsed === null ? "ssh" : parsed.protocol.slice(0, -1);
  const isSafe = protocol === "https" || protocol === "ssh" || protocol === "file";
  if (!isSafe && !identity.plainHttp && !isLoopback(parsed?.hostname.replace(/^\[|\]$/g, "") ?? "")) {
    const message = `${origin} cannot be fetched: ${protocol} is for this machine only; take https or ssh, or say \`plainHttp: true\``;
    throw new SourceError("ERR_SOURCE_FETCH", message);
  }
  const { Authorization: authorization } = authorizationOf(identity);
  return { protocol, origin, users: usersOf(parsed), ...(authorization !== undefined && { authorization }) };
}

function usersOf(url: URL | null): readonly string[] {
  if (url === null || url.username === "") return [];
  try {
    return [url.username, decodeURIComponent(url.username)];
  } catch {
    return [url.username];
  }
}
