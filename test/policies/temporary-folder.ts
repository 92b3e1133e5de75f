import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";

/** A folder of its own below the system's temporary folder, removed after the test; files by relative path. */
export async function makeFolder(
  t: Pick<ExecutionContext, "teardown">,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "framegate-policies-")));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  await writeFiles(root, files);
  return root;
}

export async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
