import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { extract } from "tar";
import { showPath } from "../../policies/shown-path.ts";
import { CliError } from "../errors.ts";

/** Policies to compare with. */
export interface EarlierPolicies {
  readonly dir: string;
  remove(): Promise<void>;
}

const run = promisify(execFile);

/**
 * A folder as it is, or what a revision of git has of `policiesDir`, written out for as long as it is needed: beside the
 * packages that the policies import, where there are any.
 */
export async function openEarlier(against: string, policiesDir: string): Promise<EarlierPolicies> {
  const found = await stat(against).catch(() => undefined);
  if (found?.isDirectory()) return { dir: against, async remove() {} };
  const root = await repositoryOf(policiesDir, against);
  const commit = await git(root, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${against}^{commit}`,
  ]).catch(() => {
    throw noSuch(against, `and ${showPath(root)} has no such revision`);
  });
  // As git names the root: a folder may be reached by symlinks.
  const below = relative(root, await realpath(policiesDir));
  const parent = await folderFor(root);
  const dir = await mkdtemp(join(parent, "replay-"));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const archive = join(dir, "policies.tar");
    await git(root, [
      "archive",
      "--format=tar",
      "-o",
      archive,
      commit,
      "--",
      below === "" ? "." : below,
    ]).catch(() => {
      throw noSuch(against, `and of that revision ${showPath(policiesDir)} is not there`);
    });
    await extract({ file: archive, cwd: dir });
    await rm(archive);
    return { dir: join(dir, below), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function repositoryOf(policiesDir: string, against: string): Promise<string> {
  return git(policiesDir, ["rev-parse", "--show-toplevel"]).catch(() => {
    throw noSuch(against, `and ${showPath(policiesDir)} is in no repository of git`);
  });
}

async function folderFor(root: string): Promise<string> {
  const packages = join(root, "node_modules");
  if ((await stat(packages).catch(() => undefined)) === undefined) return tmpdir();
  const cache = join(packages, ".cache", "framegate");
  await mkdir(cache, { recursive: true });
  return cache;
}

async function git(cwd: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", cwd, ...args]);
  return stdout.trim();
}

function noSuch(against: string, why: string): CliError {
  const message = `--against: there is no folder ${against}, ${why}. Name a folder of policies, or a revision such as HEAD~1.`;
  return new CliError("ERR_CLI_USAGE", message);
}
