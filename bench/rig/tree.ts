import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Tree } from "../peers/framegate.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = "dist/cli/main.js";

/** This checkout, as it stands. `isBuilt`: as users have it, so it is built first. */
export async function thisTree(isBuilt: boolean): Promise<Tree> {
  if (isBuilt) await build(root);
  return { root, main: isBuilt ? BUILT : "cli/main.ts", node: process.execPath, suffix: "" };
}

/** The same checkout, run by another Node. */
export async function withNode(tree: Tree, node: string): Promise<Tree> {
  const { stdout } = await run(node, ["--version"]);
  return { ...tree, node, suffix: `@${stdout.trim()}` };
}

/** A worktree of `revision` with packages of its own, built; `remove` is what ends it. */
export async function checkOut(revision: string): Promise<{ readonly tree: Tree; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "framegate-bench-revision-"));
  const remove = async () => {
    await run("git", ["worktree", "remove", "--force", folder], { cwd: root }).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run("git", ["worktree", "add", "--detach", folder, revision], { cwd: root });
    await run("npm", ["ci"], { cwd: folder });
    await build(folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { tree: { root: folder, main: BUILT, node: process.execPath, suffix: `@${revision}` }, remove };
}

async function build(folder: string): Promise<void> {
  await run(process.execPath, ["--no-warnings", "scripts/build.ts"], { cwd: folder });
}
