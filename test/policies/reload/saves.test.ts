import { appendFile, copyFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { makeFolder, writeFiles } from "../temporary-folder.ts";
import { policyText, runBundle, startReloading } from "./reloading.ts";

/** Many more than may be built. */
const SAVES = 100;

/** Each way in which editors and tools bring a new content to a path. */
const saves: Readonly<Record<string, (file: string, text: string) => Promise<void>>> = {
  "in place": (file, text) => writeFile(file, text),
  "by renaming a temporary file over it": async (file, text) => {
    await writeFile(`${file}.tmp`, text);
    await rename(`${file}.tmp`, file);
  },
  "by moving the old one away first": async (file, text) => {
    await rename(file, `${file}~`);
    await writeFile(file, text);
    await unlink(`${file}~`);
  },
  "after a backup": async (file, text) => {
    await copyFile(file, `${file}.bak`);
    await unlink(file);
    await writeFile(file, text);
    await rm(`${file}.bak`);
  },
  "in pieces": async (file, text) => {
    await writeFile(file, "");
    for (const piece of text.match(/.{1,20}|\n/g)!) await appendFile(file, piece);
  },
};

for (const [way, save] of Object.entries(saves)) {
  test(`saved ${way}, again and again: each version runs`, async (t) => {
    const dir = await makeFolder(t, { "auth.ts": policyText(0) });
    const { until, version, state } = await startReloading(t, dir);
    t.is(version("auth"), 0);
    for (let i = 1; i <= 3; i++) {
      await save(join(dir, "auth.ts"), policyText(i));
      await until(() => version("auth") === i && !state("auth")!.problem, `version ${i}`);
    }
    t.false(state("auth")!.deleted);
  });

  test(`saved ${way} a hundred times in a row: the last version runs, and few between are built`, async (t) => {
    const held = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    const blockers = ["a", "b"];
    const dir = await makeFolder(t, {
      "auth.ts": policyText(0),
      "a.ts": policyText(0),
      "b.ts": policyText(0),
    });
    let entered = 0;
    const { until, version, state, results } = await startReloading(t, dir, {
      async probe(bundle) {
        const exports = runBundle(bundle);
        if (blockers.includes(bundle.name) && exports.route !== 0) {
          if (++entered === blockers.length) full.resolve();
          await held.promise;
        }
        return exports;
      },
    });
    // They take the places of all builds, so that no machine is fast enough to build between two saves.
    for (const name of blockers) await writeFile(join(dir, `${name}.ts`), policyText(1));
    await full.promise;
    const before = results.length;
    for (let i = 1; i <= SAVES; i++) await save(join(dir, "auth.ts"), policyText(i));
    held.resolve();
    await until(() => version("auth") === SAVES && !state("auth")!.problem, "the last version");
    const builds = results.slice(before).filter(({ policy }) => policy === "auth");
    t.true(builds.length < 10, `${builds.length} builds of ${SAVES} saves`);
  });
}

test("a policy that is renamed is removed under its old name and loaded under its new one", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version, state, results, snapshots } = await startReloading(t, dir);
  await rename(join(dir, "auth.ts"), join(dir, "login.ts"));
  await until(() => version("login") === 1 && state("auth")!.deleted, "the rename");
  // What it guards is guarded at every moment.
  const guards = snapshots.map(({ policies }) =>
    policies.filter(({ current, deleted }) => current && !deleted),
  );
  t.true(guards.every(({ length }) => length > 0));
  t.is(version("auth"), 1);
  t.true(results.some(({ policy, outcome }) => policy === "auth" && outcome === "removed"));
});

test("a policy whose file is missing for a moment is never removed", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1), "other.ts": policyText(1) });
  const { until, version, snapshots, results } = await startReloading(t, dir);
  await rm(join(dir, "auth.ts"));
  // By then the scan has seen that it is gone.
  await writeFile(join(dir, "other.ts"), policyText(2));
  await until(() => version("other") === 2, "the other one");
  await writeFile(join(dir, "auth.ts"), policyText(2));
  await until(() => version("auth") === 2, "the return");
  t.false(results.some(({ outcome }) => outcome === "removed"));
  t.false(snapshots.some(({ policies }) => policies.some(({ deleted }) => deleted)));
});

test("a policy that is deleted keeps its version, and is loaded when it is back", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version, state, results } = await startReloading(t, dir);
  await rm(join(dir, "auth.ts"));
  await until(() => state("auth")!.deleted, "the removal");
  t.is(version("auth"), 1);
  await writeFile(join(dir, "auth.ts"), policyText(1));
  await until(() => !state("auth")!.deleted, "the return");
  const outcomes = results.map(({ outcome }) => outcome);
  t.deepEqual(
    outcomes.filter((outcome) => outcome === "loaded" || outcome === "removed"),
    ["loaded", "removed", "loaded"],
  );
});

test("a change in an import reloads the policies that import it, and no others", async (t) => {
  const root = await makeFolder(t, {
    "policies/a.ts":
      'import { v } from "./_lib/v.ts"; export const route = v; export const client = () => {};',
    "policies/b.ts":
      'import { v } from "../shared/v.ts"; export const route = v; export const client = () => {};',
    "policies/c.ts": policyText("c"),
    "policies/_lib/v.ts": 'export const v = "a1";',
    "shared/v.ts": 'export const v = "b1";',
  });
  const { until, version, results } = await startReloading(t, join(root, "policies"));
  t.deepEqual([version("a"), version("b"), version("c")], ["a1", "b1", "c"]);
  await writeFiles(root, { "policies/_lib/v.ts": 'export const v = "a2";' });
  await until(() => version("a") === "a2", "the import inside the folder");
  await writeFile(join(root, "shared/v.tmp"), 'export const v = "b2";');
  await rename(join(root, "shared/v.tmp"), join(root, "shared/v.ts"));
  await until(() => version("b") === "b2", "the import outside the folder");
  await writeFiles(root, { "shared/v.ts": 'export const v = "b3";' });
  await until(() => version("b") === "b3", "the import outside the folder, once more");
  // Twice when it was so new at the start that its first build could not be sure of it; never four times.
  t.true(results.filter(({ policy }) => policy === "c").length <= 2);
});

test("a folder that appears later, and is replaced by another, is read", async (t) => {
  const root = await makeFolder(t);
  const dir = join(root, "policies");
  const { until, version, snapshots } = await startReloading(t, dir);
  t.deepEqual(snapshots, [{ policies: [], problem: undefined }]);
  await writeFiles(root, { "policies/auth.ts": policyText(1) });
  await until(() => version("auth") === 1, "the folder");
  await writeFiles(root, { "next/auth.ts": policyText(2), "next/deep/other.ts": policyText("other") });
  await rename(dir, join(root, "old"));
  await rename(join(root, "next"), dir);
  await until(() => version("auth") === 2 && version("deep/other") === "other", "the other folder");
});

test("a folder that is gone is told of once, and what it held stays; one that is empty has none", async (t) => {
  const root = await makeFolder(t, { "policies/auth.ts": policyText(1), "policies/other.ts": policyText(1) });
  const dir = join(root, "policies");
  const { until, version, state, results, snapshots } = await startReloading(t, dir);
  const isGone = () =>
    snapshots.at(-1)?.problem?.message.includes("is gone: what it held stays as it is") === true;
  await rm(dir, { recursive: true });
  await until(isGone, "the word of it");
  await writeFiles(root, { "policies/auth.ts": policyText(2) });
  await until(() => version("auth") === 2 && !isGone(), "the return");
  // Asked for when the folder was there again, and not because it was gone.
  await until(() => state("other")!.deleted, "the one that is not back");
  t.is(results.filter(({ message }) => message?.includes("is gone")).length, 1);
  t.false(snapshots.some(({ policies, problem }) => problem && policies.some(({ deleted }) => deleted)));
  await rm(join(dir, "auth.ts"));
  await until(() => state("auth")!.deleted, "the last one");
  await rm(dir, { recursive: true });
  await writeFiles(root, { "policies/auth.ts": policyText(3) });
  await until(() => version("auth") === 3, "a folder that had none may go");
  t.is(results.filter(({ message }) => message?.includes("is gone")).length, 1);
});

test("a deployment that points a link at another folder is read", async (t) => {
  const root = await makeFolder(t, { "v1/auth.ts": policyText(1), "v2/auth.ts": policyText(2) });
  await symlink("v1", join(root, "policies"));
  const { until, version } = await startReloading(t, join(root, "policies"));
  t.is(version("auth"), 1);
  await symlink("v2", join(root, "next"));
  await rename(join(root, "next"), join(root, "policies"));
  await until(() => version("auth") === 2, "the other folder");
  await writeFiles(root, { "v2/auth.ts": policyText(3) });
  await until(() => version("auth") === 3, "a save in the other folder");
});

test("a mounted ConfigMap is followed from one generation to the next", async (t) => {
  const root = await makeFolder(t, { "policies/..v1/auth.ts": policyText(1) });
  const dir = join(root, "policies");
  await symlink("..v1", join(dir, "..data"));
  await symlink("..data/auth.ts", join(dir, "auth.ts"));
  const { until, version } = await startReloading(t, dir);
  for (let i = 2; i <= 3; i++) {
    await writeFiles(dir, { [`..v${i}/auth.ts`]: policyText(i) });
    await symlink(`..v${i}`, join(dir, "..data_tmp"));
    await rename(join(dir, "..data_tmp"), join(dir, "..data"));
    await rm(join(dir, `..v${i - 1}`), { recursive: true });
    await until(() => version("auth") === i, `generation ${i}`);
  }
  t.is(version("auth"), 3);
});
