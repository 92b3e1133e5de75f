import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import type { PolicySnapshot } from "../../../policies/reload/policy-state.ts";
import { makeFolder, writeFiles } from "../temporary-folder.ts";
import { policyText, runBundle, startReloading } from "./reloading.ts";

test("start loads all policies, two at a time, and tells what is wrong with some", async (t) => {
  const dir = await makeFolder(t, {
    "a.ts": policyText("a"),
    "b.ts": policyText("b"),
    "c.ts": "export const client = ;",
    "d.ts": 'throw new Error("no luck");',
    "e.ts": policyText("e"),
    "f.ts": "",
  });
  let running = 0;
  let most = 0;
  const twoAreRunning = Promise.withResolvers<void>();
  const { snapshots, results, state } = await startReloading(t, dir, {
    watch: false,
    async probe(bundle) {
      most = Math.max(most, ++running);
      if (running === 2) twoAreRunning.resolve();
      await twoAreRunning.promise;
      running--;
      return runBundle(bundle);
    },
  });
  t.is(most, 2);
  t.is(snapshots.length, 1);
  t.deepEqual(
    snapshots[0]!.policies.map(({ name, current, problem }) => [name, Boolean(current), Boolean(problem)]),
    [
      ["a", true, false],
      ["b", true, false],
      ["c", false, true],
      ["d", false, true],
      ["e", true, false],
      ["f", false, true],
    ],
  );
  t.regex(state("c")!.problem!.message, /c\.ts:1:23: /);
  t.true(state("c")!.problem!.frame.includes("export const client = ;"));
  t.is(state("d")!.problem!.message, "no luck");
  t.regex(state("f")!.problem!.message, /f\.ts: exports none of the hooks/);
  const failed = results.filter(({ outcome }) => outcome === "failed");
  t.deepEqual(failed.map(({ policy }) => policy).sort(), ["c", "d", "f"]);
  t.true(results.every(({ durationMs }) => durationMs > 0));
});

test("a version that does not compile, or load, or has no hooks, leaves the last good one in place", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version, state } = await startReloading(t, dir);
  const file = join(dir, "auth.ts");
  for (const bad of [
    "export const client = ;",
    'throw new Error("no luck");',
    "",
    "export const other = 1;",
  ]) {
    await writeFile(file, bad);
    await until(() => state("auth")!.problem !== undefined, `the problem of: ${bad}`);
    t.is(version("auth"), 1);
    await writeFile(file, policyText(1));
    await until(() => state("auth")!.problem === undefined, `the end of the problem of: ${bad}`);
  }
  await writeFile(file, policyText(2));
  await until(() => version("auth") === 2, "version 2");
});

test("the same code again is no new version: no probe, no snapshot", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  let probes = 0;
  const { until, results, snapshots, reloader } = await startReloading(t, dir, {
    async probe(bundle) {
      probes++;
      return runBundle(bundle);
    },
  });
  await writeFile(join(dir, "auth.ts"), policyText(1));
  await until(() => results.length === 2, "the second build");
  await reloader.reload();
  t.is(results[1]!.outcome, "unchanged");
  t.is(results[1]!.version, results[0]!.version);
  t.is(probes, 1);
  t.is(snapshots.length, 1);
});

test("a save while the version before is being built or loaded is not lost", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version } = await startReloading(t, dir, {
    async probe(bundle) {
      const exports = runBundle(bundle);
      // The author saves again at the worst of times: the bundle is made, its result is not yet known.
      if (exports.route === 2) await writeFile(join(dir, "auth.ts"), policyText(3));
      return exports;
    },
  });
  await writeFile(join(dir, "auth.ts"), policyText(2));
  await until(() => version("auth") === 3, "version 3");
  t.is(version("auth"), 3);
});

test("a save during the very first build is not lost", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version } = await startReloading(t, dir, {
    async probe(bundle) {
      const exports = runBundle(bundle);
      if (exports.route === 1) await writeFile(join(dir, "auth.ts"), policyText(2));
      return exports;
    },
  });
  await until(() => version("auth") === 2, "version 2");
  t.is(version("auth"), 2);
});

test("a policy that loads slowly does not hold up another", async (t) => {
  const dir = await makeFolder(t, { "slow.ts": policyText(1), "auth.ts": policyText(1) });
  const slow = Promise.withResolvers<void>();
  const { until, version } = await startReloading(t, dir, {
    async probe(bundle) {
      const exports = runBundle(bundle);
      if (bundle.name === "slow" && exports.route === 2) await slow.promise;
      return exports;
    },
  });
  await writeFiles(dir, { "slow.ts": policyText(2) });
  await writeFiles(dir, { "auth.ts": policyText(2) });
  await until(() => version("auth") === 2, "the quick one");
  t.is(version("slow"), 1);
  slow.resolve();
  await until(() => version("slow") === 2, "the slow one");
});

test("snapshots are handed over one at a time, the newest last, those between left out", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(0) });
  const first = Promise.withResolvers<void>();
  const handed: unknown[] = [];
  let applying = 0;
  const { until, version, results, snapshots } = await startReloading(t, dir, {
    async onSnapshot({ policies }) {
      t.is(++applying, 1);
      handed.push(policies[0]!.current!.exports.route);
      if (handed.length === 1) await first.promise;
      applying--;
    },
  });
  for (let i = 1; i <= 4; i++) {
    await writeFile(join(dir, "auth.ts"), policyText(i));
    await until(() => results.filter(({ outcome }) => outcome === "reloaded").length === i, `build ${i}`);
  }
  first.resolve();
  await until(() => version("auth") === 4, "version 4");
  t.deepEqual(handed, [1, 4]);
  t.is(snapshots.length, 3);
});

test("a snapshot that cannot be put into effect is reported, and the next one is handed over", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(0) });
  const { until, version, results } = await startReloading(t, dir, {
    async onSnapshot({ policies }) {
      if (policies[0]!.current!.exports.route === 1) throw new Error("no workers");
    },
  });
  await writeFile(join(dir, "auth.ts"), policyText(1));
  await until(() => results.some(({ message }) => message === "no workers"), "the report");
  await writeFile(join(dir, "auth.ts"), policyText(2));
  await until(() => version("auth") === 2, "version 2");
  t.pass();
});

test("a broken policy is told of once, and tried again when something else changes", async (t) => {
  const root = await makeFolder(t, {
    "policies/auth.ts": 'export { client, route } from "../shared/later.ts";',
    "policies/other.ts": policyText(1),
  });
  const dir = join(root, "policies");
  const { until, version, results, state } = await startReloading(t, dir);
  t.regex(state("auth")!.problem!.message, /Could not resolve "\.\.\/shared\/later\.ts"/);
  await writeFiles(dir, { "other.ts": policyText(2) });
  await until(() => version("other") === 2, "the other policy");
  await writeFiles(root, { "shared/later.ts": policyText("mended") });
  await until(() => version("auth") === "mended", "the missing file");
  t.is(results.filter(({ policy, outcome }) => policy === "auth" && outcome === "failed").length, 1);
});

test("two files of one name leave all as it was until one of them goes", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { until, version, snapshots, results } = await startReloading(t, dir);
  await writeFiles(dir, { "auth.js": policyText(2) });
  await until(() => snapshots.at(-1)!.problem !== undefined, "the problem");
  t.regex(snapshots.at(-1)!.problem!.message, /are both the policy "auth"/);
  t.is(version("auth"), 1);
  t.is(results.filter(({ policy, outcome }) => policy === "" && outcome === "failed").length, 1);
  await rm(join(dir, "auth.ts"));
  await until(() => version("auth") === 2 && !snapshots.at(-1)!.problem, "the other file");
});

test("without watching, reload looks at the folder and builds all of it", async (t) => {
  const dir = await makeFolder(t, { "a.ts": policyText(1), "b.ts": policyText(1) });
  const { reloader, version, results, state } = await startReloading(t, dir, { watch: false });
  await rm(join(dir, "b.ts"));
  await writeFiles(dir, { "a.ts": policyText(2), "c.ts": policyText(1) });
  await reloader.reload();
  t.deepEqual([version("a"), version("b"), version("c")], [2, 1, 1]);
  t.true(state("b")!.deleted);
  await reloader.reload();
  t.deepEqual(
    results
      .slice(-2)
      .map(({ policy, outcome }) => `${policy} ${outcome}`)
      .sort(),
    ["a unchanged", "c unchanged"],
  );
});

test("a whole folder is in effect at once, or not at all", async (t) => {
  const dir = await makeFolder(t, { "a.ts": policyText(1), "b.ts": policyText(1) });
  const { reloader, snapshots } = await startReloading(t, dir, { watch: false });
  const versions = ({ policies }: PolicySnapshot) => policies.map(({ current }) => current?.exports.route);
  const seen: unknown[] = [];
  const whole = () => reloader.reloadWhole(async (snapshot) => void seen.push(versions(snapshot)));
  await writeFiles(dir, { "a.ts": policyText(2), "b.ts": policyText(2) });
  await whole();
  t.deepEqual(seen, [[2, 2]]);
  await writeFiles(dir, { "a.ts": policyText(3), "b.ts": policyText(3) });
  const refusing = async () => {
    throw new Error("no room");
  };
  await t.throwsAsync(reloader.reloadWhole(refusing), { message: "no room" });
  await writeFiles(dir, { "a.ts": policyText(2), "b.ts": policyText(2) });
  await whole();
  t.deepEqual(seen, [
    [2, 2],
    [2, 2],
  ]);
  t.is(snapshots.length, 1);
  // What an operator does while it is put into effect comes after it.
  await writeFiles(dir, { "a.ts": policyText(4), "b.ts": policyText(4) });
  await reloader.reloadWhole(async () => void (await reloader.rollBack("a")));
  await reloader.reload();
  t.deepEqual(snapshots.slice(1).map(versions).at(0), [2, 4]);
});

test("after close nothing is reported any more", async (t) => {
  const dir = await makeFolder(t, { "auth.ts": policyText(1) });
  const { reloader, results, snapshots } = await startReloading(t, dir);
  const [resultsBefore, snapshotsBefore] = [results.length, snapshots.length];
  await writeFile(join(dir, "auth.ts"), policyText(2));
  await reloader.close();
  await reloader.reload();
  t.is(results.length, resultsBefore);
  t.is(snapshots.length, snapshotsBefore);
});
