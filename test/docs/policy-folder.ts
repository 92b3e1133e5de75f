import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { makeFolder } from "../config/folder.ts";
import { root } from "./documents.ts";

/** What policies of the docs import of other people's. */
const PACKAGES = ["graphql", "zod"];

/** A temporary folder of policies in a project that has installed what they import, gone after the test. */
export async function makePolicyFolder(
  t: ExecutionContext,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = await makeFolder(t, files);
  await mkdir(join(dir, "node_modules"));
  for (const name of PACKAGES)
    await symlink(join(root, "node_modules", name), join(dir, "node_modules", name), "dir");
  return dir;
}
