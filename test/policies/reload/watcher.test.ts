import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { makeFolder, writeFiles } from "../temporary-folder.ts";
import { startWatching } from "./watching.ts";

test("a file in node_modules, or outside of the folder, is watched when it is followed", async (t) => {
  const root = await makeFolder(t, {
    "policies/node_modules/pkg/index.js": "1",
    "shared/a.ts": "1",
    "shared/b.ts": "1",
  });
  const { watcher, change } = await startWatching(t, join(root, "policies"));
  const inside = join(root, "policies/node_modules/pkg/index.js");
  const outside = join(root, "shared/a.ts");

  const added = change();
  watcher.follow([inside, outside]);
  await added;

  for (const file of [inside, outside]) {
    const changed = change();
    await writeFile(file, "2");
    await changed;
  }

  const addedAnother = change();
  watcher.follow([join(root, "shared/b.ts")]);
  await addedAnother;
  const changedAnother = change();
  await writeFile(join(root, "shared/b.ts"), "2");
  await t.notThrowsAsync(changedAnother);
});

test("a followed file may appear later, in a folder that appears later", async (t) => {
  const root = await makeFolder(t, { "policies/a.ts": "1" });
  const { watcher, change } = await startWatching(t, join(root, "policies"));
  watcher.follow([join(root, "shared/deep/x.ts")]);
  const changed = change();
  await writeFiles(root, { "shared/deep/x.ts": "1" });
  await t.notThrowsAsync(changed);
});

test("what lies beside a followed file that is not there is not watched: logs may come and go there", async (t) => {
  const root = await makeFolder(t, { "policies/a.ts": "1" });
  const { watcher, change } = await startWatching(t, join(root, "policies"));
  watcher.follow([join(root, "later.json")]);
  // The watcher is through with what it was told when it sees another change.
  const changed = change();
  await writeFile(join(root, "policies/a.ts"), "2");
  await changed;
  const inodes = await watchedInodes();
  t.true(inodes.has((await stat(join(root, "policies"))).ino));
  t.false(inodes.has((await stat(root)).ino));

  const appeared = change();
  await writeFile(join(root, "later.json"), "1");
  await appeared;
  const changedAgain = change();
  await writeFile(join(root, "later.json"), "2");
  await t.notThrowsAsync(changedAgain);
});

test("a folder that appears, goes and appears again is watched each time", async (t) => {
  const root = await makeFolder(t);
  const dir = join(root, "deep/policies");
  const { change } = await startWatching(t, dir);
  for (let round = 0; round < 3; round++) {
    const appeared = change();
    await mkdir(dir, { recursive: true });
    await appeared;
    const written = change();
    await writeFile(join(dir, "a.ts"), String(round));
    await written;
    const gone = change();
    await rm(join(root, "deep"), { recursive: true });
    await t.notThrowsAsync(gone);
  }
});

test("another folder renamed over the path is watched from then on", async (t) => {
  const root = await makeFolder(t, { "policies/a.ts": "1", "next/a.ts": "2" });
  const dir = join(root, "policies");
  const { change } = await startWatching(t, dir);
  const swapped = change();
  await rename(dir, join(root, "old"));
  await rename(join(root, "next"), dir);
  await swapped;
  const written = change();
  await writeFile(join(dir, "a.ts"), "3");
  await t.notThrowsAsync(written);
});

test("a link on the way to the folder may be pointed elsewhere", async (t) => {
  const root = await makeFolder(t, { "v1/policies/a.ts": "1", "v2/policies/a.ts": "2" });
  await symlink("v1", join(root, "current"));
  const dir = join(root, "current/policies");
  const { change } = await startWatching(t, dir);

  const throughLink = change();
  await writeFile(join(root, "v1/policies/a.ts"), "1b");
  await throughLink;

  const repointed = change();
  await symlink("v2", join(root, "next"));
  await rename(join(root, "next"), join(root, "current"));
  await repointed;

  const written = change();
  await writeFile(join(root, "v2/policies/a.ts"), "2b");
  await t.notThrowsAsync(written);
});

/** Of what the system is to tell this process. */
async function watchedInodes(): Promise<ReadonlySet<number>> {
  const files = await readdir("/proc/self/fdinfo");
  const texts = await Promise.all(
    files.map((file) => readFile(`/proc/self/fdinfo/${file}`, "utf8").catch(() => "")),
  );
  return new Set(
    [...texts.join("").matchAll(/^inotify wd:\S+ ino:(\S+)/gm)].map(([, ino]) => Number(`0x${ino}`)),
  );
}
