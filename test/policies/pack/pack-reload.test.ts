import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { installPack, removePack, verifyInstalled } from "../../../policies/pack/install.ts";
import { lockFileOf } from "../../../policies/pack/lock.ts";
import { SIGNATURE_FILE } from "../../../policies/pack/manifest.ts";
import { makeKeys, signManifest } from "../../../policies/pack/signature.ts";
import { DEFAULT_RULES, type PackRules } from "../../../policies/pack/trust.ts";
import { grantsOfPacks } from "../../../policies/reload/policy-state.ts";
import { type Reloading, startReloading } from "../reload/reloading.ts";
import { makeFolder } from "../temporary-folder.ts";
import { archive, makeCandidate, makePack, type PackOptions, probe } from "./packing.ts";

const NAME = "@acme/guard/redact";

const pack = (version: string, capabilities?: object, key?: string): PackOptions => ({
  version,
  ...(key !== undefined && { key }),
  policies: {
    redact: `export const client = () => ({ drop: ${JSON.stringify(version)} });
      ${capabilities ? `export const capabilities = ${JSON.stringify(capabilities)};` : ""}`,
  },
});

async function start(
  t: ExecutionContext,
  rules: Partial<PackRules> = {},
): Promise<{ dir: string; packs: PackRules; run(): Promise<Reloading> }> {
  const root = await makeFolder(t, { "policies/own.ts": "export const client = () => {};" });
  const packs = { ...DEFAULT_RULES, ...rules };
  const dir = join(root, "policies");
  return { dir, packs, run: () => startReloading(t, dir, { packs, probe }) };
}

const versionOf = ({ state }: Reloading) => state(NAME)?.current?.bundle.packed?.version;
const problemOf = ({ state }: Reloading) => state(NAME)?.problem?.message ?? "";

test("an installed pack is loaded, and follows updates and its removal", async (t) => {
  const { dir, run } = await start(t);
  const running = await run();
  await installPack(dir, await makeCandidate(t, pack("1.0.0", { kv: true })));
  await running.until(() => versionOf(running) === "1.0.0", "the pack");
  t.deepEqual(grantsOfPacks(running.snapshots.at(-1)!)[NAME], { kv: { namespace: "@acme/guard" } });
  t.false("own" in grantsOfPacks(running.snapshots.at(-1)!));
  t.deepEqual(grantsOfPacks(running.snapshots.at(-1)!), { [NAME]: { kv: { namespace: "@acme/guard" } } });
  await installPack(dir, await makeCandidate(t, pack("1.1.0")));
  await running.until(() => versionOf(running) === "1.1.0" && problemOf(running) === "", "the update");
  t.deepEqual(grantsOfPacks(running.snapshots.at(-1)!)[NAME], {});
  await removePack(dir, "@acme/guard");
  await running.until(() => running.state(NAME)?.deleted === true, "the removal");
  t.is(versionOf(running), "1.1.0");
});

test("a bundle that is tampered with: the last good version stays, and the state says why", async (t) => {
  const { dir, packs, run } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  const running = await run();
  t.is(versionOf(running), "1.0.0");
  const file = join(dir, ".packs/@acme/guard/dist/redact.js");
  const good = await readFile(file);
  await writeFile(file, "var __policy = { client() {} };");
  await running.until(
    () => problemOf(running).includes("dist/redact.js is not the file that was built"),
    "the refusal",
  );
  t.is(versionOf(running), "1.0.0");
  t.true(running.results.some(({ policy, outcome }) => policy === NAME && outcome === "failed"));
  t.regex((await verifyInstalled(dir, packs)).join(), /dist\/redact\.js is not the file/);
  await writeFile(file, good);
  await running.until(() => problemOf(running) === "", "the repair");
  t.deepEqual(await verifyInstalled(dir, packs), []);
});

test("a whole pack of the same version with other content is not what the lock names", async (t) => {
  const { dir, packs, run } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  const running = await run();
  const [other] = await Promise.all([start(t)]);
  await installPack(
    other.dir,
    await makeCandidate(t, { policies: { redact: "export const client = () => ({ reply: ['evil'] });" } }),
  );
  await cp(join(other.dir, ".packs"), join(dir, ".packs"), { recursive: true });
  await running.until(() => /is not what policies\.lock\.json names/.test(problemOf(running)), "the refusal");
  t.is(versionOf(running), "1.0.0");
  t.is((await verifyInstalled(dir, packs)).length, 1);
});

const edits: Readonly<
  Record<string, readonly [edit: (locked: Record<string, unknown>) => void, message: RegExp]>
> = {
  "its digest": [(locked) => (locked.digest = "0".repeat(64)), /is not what policies\.lock\.json names/],
  "its version": [(locked) => (locked.version = "0.9.0"), /is not what policies\.lock\.json names/],
  "a newer version": [
    (locked) => (locked.version = "9.0.0"),
    /is older than 9\.0\.0, which policies\.lock\.json names/,
  ],
  "a signer that it has not": [
    (locked) => (locked.signer = makeKeys().publicKey),
    /is not signed as policies\.lock\.json says/,
  ],
  "less grants": [
    (locked) => (locked.granted = {}),
    /asks for what it was not granted: kv: a store of its own/,
  ],
  "what is no version": [
    (locked) => (locked.version = "new"),
    /policies\.lock\.json cannot be used: packs\["@acme\/guard"\]: expected `version`/,
  ],
};

for (const [name, [edit, message]] of Object.entries(edits)) {
  test(`the lock is edited, ${name}: the last good version stays`, async (t) => {
    const { dir, packs, run } = await start(t);
    await installPack(dir, await makeCandidate(t, pack("1.0.0", { kv: true })));
    const running = await run();
    t.is(versionOf(running), "1.0.0");
    await editLock(dir, (lock) => edit(lock.packs["@acme/guard"]!));
    await running.until(() => message.test(problemOf(running)), "the refusal");
    t.is(versionOf(running), "1.0.0");
    if (name !== "what is no version") t.regex((await verifyInstalled(dir, packs)).join(), message);
  });
}

test("a lock that is no JSON: packs are refused, policies of the folder go on", async (t) => {
  const { dir, run } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  await writeFile(lockFileOf(dir), "{");
  const running = await run();
  t.regex(running.snapshots.at(-1)!.problem?.message ?? "", /policies\.lock\.json cannot be used/);
  t.true(running.state("own")?.current !== undefined);
  t.is(versionOf(running), undefined);
});

test("unpacked by hand, without the lock: refused, unless the config requires nothing", async (t) => {
  const { dir, run } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  await rm(lockFileOf(dir));
  const running = await run();
  t.regex(problemOf(running), /is not in policies\.lock\.json: add it with `framegate add`/);
  t.is(versionOf(running), undefined);
  const lax = await startReloading(t, dir, { packs: { ...DEFAULT_RULES, require: "none" }, probe });
  t.is(versionOf(lax), "1.0.0");
});

test("an archive that is dropped into the folder is loaded, hot, the newest of them", async (t) => {
  const { dir, run } = await start(t);
  const running = await run();
  await writeFile(join(dir, "guard-1.0.0.tgz"), archive(await makePack(t, pack("1.0.0"))));
  await running.until(() => versionOf(running) === "1.0.0", "the archive");
  await writeFile(join(dir, "guard-1.1.0.tgz"), archive(await makePack(t, pack("1.1.0"))));
  await running.until(() => versionOf(running) === "1.1.0", "the newer archive");
  t.is(problemOf(running), "");
});

test("an archive that asks for something is refused until that was agreed to", async (t) => {
  const { dir, run } = await start(t);
  const running = await run();
  await writeFile(join(dir, "guard.tgz"), archive(await makePack(t, pack("1.0.0", { secrets: ["TOKEN"] }))));
  await running.until(
    () => /asks for what it was not granted: secret TOKEN/.test(problemOf(running)),
    "the refusal",
  );
  t.is(versionOf(running), undefined);
  await installPack(dir, await makeCandidate(t, pack("1.0.0", { secrets: ["TOKEN"] })));
  await running.until(() => versionOf(running) === "1.0.0" && problemOf(running) === "", "the grant");
});

test("an archive over which another one is written: broken or tampered with, the last good version stays", async (t) => {
  const { dir, run } = await start(t);
  const file = join(dir, "guard.tgz");
  await writeFile(file, archive(await makePack(t, pack("1.0.0"))));
  const running = await run();
  t.is(versionOf(running), "1.0.0");
  await writeFile(file, "garbage");
  await running.until(() => /expected a gzipped tar archive/.test(problemOf(running)), "the refusal");
  t.false(running.state(NAME)!.deleted);
  const files = await makePack(t, pack("1.1.0"));
  files.set("dist/redact.js", Buffer.from("var __policy = { client() {} };"));
  await writeFile(file, archive(files));
  await running.until(() => /is not the file that was built/.test(problemOf(running)), "the second refusal");
  t.is(versionOf(running), "1.0.0");
});

test("an archive that never was a pack is a problem of the folder, and of no policy", async (t) => {
  const { dir, run } = await start(t);
  const running = await run();
  await writeFile(join(dir, "guard.tgz"), "garbage");
  await running.until(
    () => /guard\.tgz: expected a gzipped tar/.test(running.snapshots.at(-1)!.problem?.message ?? ""),
    "the problem",
  );
  t.true(running.results.some(({ policy, outcome }) => policy === "" && outcome === "failed"));
  await rm(join(dir, "guard.tgz"));
  await running.until(() => running.snapshots.at(-1)!.problem === undefined, "the end of it");
});

test("a dropped archive cannot take the place of what the lock names: not an older one, not a newer one", async (t) => {
  const { dir, run } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.5.0")));
  await writeFile(join(dir, "guard.tgz"), archive(await makePack(t, pack("1.0.0"))));
  await writeFile(join(dir, "guard-2.tgz"), archive(await makePack(t, pack("2.0.0"))));
  t.is(versionOf(await run()), "1.5.0");
  await rm(join(dir, ".packs"), { recursive: true });
  t.regex(problemOf(await run()), /2\.0\.0 is not what policies\.lock\.json names/);
  await rm(join(dir, "guard-2.tgz"));
  t.regex(problemOf(await run()), /1\.0\.0 is older than 1\.5\.0/);
});

test("--frozen takes nothing that the lock does not name, and an archive that it does name", async (t) => {
  const { dir, run } = await start(t, { frozen: true, require: "none" });
  const candidate = pack("1.0.0");
  await writeFile(join(dir, "guard.tgz"), archive(await makePack(t, candidate)));
  t.regex(problemOf(await run()), /is not in policies\.lock\.json: --frozen takes only what it names/);
  await installPack(dir, await makeCandidate(t, candidate));
  await rm(join(dir, ".packs"), { recursive: true });
  t.is(versionOf(await run()), "1.0.0");
});

test('require "signed": the key must be one of the config\'s', async (t) => {
  const [acme, other] = [makeKeys(), makeKeys()];
  const { dir, run } = await start(t, { require: "signed", keys: { acme: acme.publicKey } });
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  t.regex(
    problemOf(await run()),
    /is not signed, and `packs\.require` is "signed": expected one of `packs\.keys`, acme \([0-9a-f]{16}\); ask for one that is signed/,
  );
  await installPack(dir, await makeCandidate(t, pack("1.0.0", undefined, other.privateKey)));
  t.regex(problemOf(await run()), new RegExp(`is signed by the key ${other.keyId}`));
  await installPack(dir, await makeCandidate(t, pack("1.0.0", undefined, acme.privateKey)));
  const running = await run();
  t.is(versionOf(running), "1.0.0");
  const { manifest } = (await makeCandidate(t, pack("1.0.0"))).pack;
  await writeFile(join(dir, ".packs/@acme/guard", SIGNATURE_FILE), signManifest(manifest, other.privateKey));
  await running.until(() => /is signed by the key/.test(problemOf(running)), "the refusal");
  t.is(versionOf(running), "1.0.0");
});

test("a bundle that exports something else than its manifest says is refused", async (t) => {
  const { dir } = await start(t);
  await installPack(dir, await makeCandidate(t, pack("1.0.0")));
  const lying = async (bundle: Parameters<typeof probe>[0]) => ({
    ...(await probe(bundle)),
    capabilities: { kv: true },
  });
  const running = await startReloading(t, dir, { probe: lying });
  t.is(problemOf(running), `${NAME}: exports \`capabilities\`, and its manifest says something else`);
});

test("a file of the folder cannot pass for a policy of a pack", async (t) => {
  const { dir, run } = await start(t);
  await cp(join(dir, "own.ts"), join(dir, "@acme/guard/redact.ts"));
  const running = await run();
  t.regex(
    running.snapshots.at(-1)!.problem?.message ?? "",
    /is the name of a policy of a pack: rename the folder/,
  );
});

async function editLock(
  dir: string,
  edit: (lock: { packs: Record<string, Record<string, unknown>> }) => void,
): Promise<void> {
  const lock = JSON.parse(await readFile(lockFileOf(dir), "utf8"));
  edit(lock);
  await writeFile(lockFileOf(dir), JSON.stringify(lock));
}
