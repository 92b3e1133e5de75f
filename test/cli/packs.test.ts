import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { type BuiltPack, buildPack, readProject, writePack } from "../../policies/pack/build.ts";
import { makeFolder } from "../config/folder.ts";
import { archive, probe } from "../policies/pack/packing.ts";
import { linkTesting } from "../support/linked-testing.ts";
import { runCommand } from "./in-process.ts";

const run = promisify(execFile);

test("init, check, build: a pack from nothing, and its tests run", async (t) => {
  const dir = await makeFolder(t);
  const init = await runCommand(["pack", "init", "guard", "--name", "@acme/guard"], dir);
  t.is(init.exitCode, 0);
  t.regex(init.stdout, /^Wrote @acme\/guard: .*policies\/greet\.ts.*\n\nNext:\n {2}cd guard\n/);
  const guard = join(dir, "guard");
  await linkTesting(guard);
  const check = await runCommand(["pack", "check"], guard);
  t.regex(check.stdout, /@acme\/guard 0\.1\.0 is fine; 1 of its files are tests, and pass\n$/);
  t.is(check.exitCode, 0);
  const build = await runCommand(["pack", "build"], guard);
  t.regex(build.stdout, /^Built @acme\/guard 0\.1\.0: greet\nDigest [0-9a-f]{64}\n$/);
  t.deepEqual((await readdir(join(guard, "dist"))).sort(), ["greet.d.ts", "greet.js", "greet.js.map"]);
  const again = await runCommand(["pack", "init", "guard"], dir);
  t.regex(again.stderr, /Nothing was written: choose another folder/);
  t.is(again.exitCode, 1);
});

test("init: a name without a scope is bad usage", async (t) => {
  const { exitCode, stderr } = await runCommand(
    ["pack", "init", "x", "--name", "guard"],
    await makeFolder(t),
  );
  t.is(exitCode, 2);
  t.regex(stderr, /Expected --name to be a scoped name such as @acme\/guard, got "guard"/);
});

const wrong: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, message: RegExp]>> = {
  "a Node module": [
    { "policies/a.ts": 'import "node:fs";\nexport const client = () => {};' },
    /Node modules do not exist in the sandbox/,
  ],
  "a type error": [{ "policies/a.ts": "export const client = (): number => 'a';" }, /TS2322/],
  "a test that fails": [
    { "policies/a.ts": "export const client = () => {};", "a.test.ts": "throw new Error('no');" },
    /the tests fail/,
  ],
  "a route": [
    {
      "policies/a.ts":
        'export const client = () => {};\nexport const route = { path: "/", upstream: "ws://a" };',
    },
    /exports a route: the routes of a gateway are the business of who runs it/,
  ],
  "capabilities that cannot be granted": [
    {
      "policies/a.ts":
        'export const capabilities = { fetch: { hosts: "a" }, kv: false, secret: [] };\nexport const client = () => {};',
    },
    /policies\/a\.ts asks for what no gateway can grant:\n {2}capabilities\.fetch\.hosts: expected a list of hosts, got "a"\n {2}capabilities\.secret: unknown option; did you mean `secrets`\?\nWrite it as a grant/,
  ],
  "capabilities that are no object": [
    { "policies/a.ts": 'export const capabilities = "kv";\nexport const client = () => {};' },
    /capabilities: expected an object such as \{ fetch: .*, got "kv"/,
  ],
  "no hook": [{ "policies/a.ts": "export const word = 1;" }, /exports none of the hooks/],
  "a bundle that is too large": [
    { "policies/a.ts": `export const client = () => ${JSON.stringify("a".repeat(4 * 1024 * 1024))};` },
    /expected at most 4194304: import less/,
  ],
  "no policy": [{}, /has no policy/],
  "no scope": [
    { "package.json": '{ "name": "a", "version": "1.0.0" }' },
    /expected `name` to be a scoped name/,
  ],
};

for (const [name, [files, message]] of Object.entries(wrong)) {
  test(`check finds ${name}`, async (t) => {
    const dir = await makeFolder(t, { "package.json": '{ "name": "@a/b", "version": "1.0.0" }', ...files });
    const { exitCode, stdout, stderr } = await runCommand(["pack", "check"], dir);
    t.is(exitCode, 1);
    t.regex(stdout + stderr, message);
  });
}

test("check says that the last build is of other sources, and build drops its signature", async (t) => {
  const { pack, root } = await makePack(t);
  await runCommand(["pack", "keygen", "--out", "k.pem"], root);
  t.is((await stat(join(root, "k.pem"))).mode & 0o077, 0);
  t.regex((await runCommand(["pack", "keygen", "--out", "k.pem"], root)).stderr, /is there already/);
  await runCommand(["pack", "sign", "--key", "../k.pem"], pack);
  t.true(existsSync(join(pack, "framegate.pack.sig")));
  t.is((await runCommand(["pack", "check"], pack)).exitCode, 0);
  await writeFile(join(pack, "policies/guard.ts"), policy("2"));
  t.regex(
    (await runCommand(["pack", "check"], pack)).stdout,
    /is of other sources than these: `framegate pack build`/,
  );
  await runCommand(["pack", "build"], pack);
  t.false(existsSync(join(pack, "framegate.pack.sig")));
});

test("add shows what a pack asks for, and adds nothing that nobody agreed to", async (t) => {
  const { gate } = await makePack(t, { capabilities: { kv: true, secrets: ["TOKEN"] } });
  const refused = await runCommand(["add", "../pack"], gate);
  t.is(refused.exitCode, 1);
  t.regex(
    refused.stdout,
    /@acme\/pack\/guard {3}hooks: client\n {4}asks for kv: a store of its own\n {4}asks for secret TOKEN\n/,
  );
  t.regex(refused.stderr, /Nothing was changed: there is no terminal to ask at/);
  t.deepEqual(await readdir(gate), ["policies"]);
  t.deepEqual(await readdir(join(gate, "policies")), []);

  t.is((await runCommand(["add", "../pack", "--yes"], gate)).exitCode, 0);
  const { packs } = await readLock(gate);
  t.like(packs["@acme/pack"], {
    version: "1.0.0",
    source: "file:../pack",
    policies: ["guard"],
    granted: { guard: { kv: true, secrets: ["TOKEN"] } },
  });
  t.regex(packs["@acme/pack"].integrity, /^sha512-/);
  const list = await runCommand(["list"], gate);
  t.regex(
    list.stdout,
    /^@acme\/pack 1\.0\.0\n(?:.*\n)* {2}may +guard: kv: a store of its own; guard: secret TOKEN\n$/,
  );
  t.is((await runCommand(["verify"], gate)).stdout, "As locked: @acme/pack 1.0.0\n");
});

test("add and update refuse what asks for what cannot be granted, and change nothing", async (t) => {
  const { gate, pack } = await makePack(t, { capabilities: { fetch: { hosts: ["a"], methods: ["get"] } } });
  const refused = await runCommand(["add", "../pack.tgz", "--yes"], gate);
  t.is(refused.exitCode, 1);
  t.regex(
    refused.stderr,
    /^framegate: @acme\/pack\/guard asks for what this gateway cannot grant:\n {2}capabilities\.fetch\.methods\[0\]: expected one of "GET", .*, got "get"\nNothing was changed: take another version of the pack, or tell its author\n$/,
  );
  t.deepEqual(await readdir(gate), ["policies"]);
  await rebuild(pack, "1.0.1", { kv: true });
  t.is((await runCommand(["add", "../pack.tgz", "--yes"], gate)).exitCode, 0);
  await rebuild(pack, "1.1.0", { shell: "\u001b[2K" });
  t.regex(
    (await runCommand(["update", "--yes"], gate)).stderr,
    /capabilities\.shell: unknown option; known here: fetch, /,
  );
  t.is((await readLock(gate)).packs["@acme/pack"].version, "1.0.1");
});

test("scripts never run: of a folder, of an archive, of a git repository, at no step", async (t) => {
  const trace = (name: string) => `node -e "require('fs').writeFileSync(process.env.TRACE + '/${name}', '')"`;
  const names = [
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "prepack",
    "postpack",
    "preprepare",
    "prepublish",
  ];
  const scripts = Object.fromEntries(names.map((name) => [name, trace(name)]));
  const { gate, root, pack } = await makePack(t, { packageJson: { scripts } });
  const traces = join(root, "traces");
  await mkdir(traces);
  process.env.TRACE = traces;
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: pack });
  await git("init", "-q");
  await git("add", "-A");
  await git("commit", "-qm", "pack");

  for (const spec of ["../pack", "../pack.tgz", `git+file://${pack}`]) {
    const added = await runCommand(["add", spec, "--yes"], gate);
    t.is(added.exitCode, 0, spec + added.stderr);
    await runCommand(["remove", "@acme/pack"], gate);
  }
  t.deepEqual(await readdir(traces), []);
});

test("only what the manifest names is unpacked", async (t) => {
  const { gate, pack } = await makePack(t);
  await writeFile(join(pack, "dist/more.js"), "");
  await archivePack(pack);
  await runCommand(["add", "../pack.tgz", "--yes"], gate);
  const files = await readdir(join(gate, "policies/.packs/@acme/pack"), { recursive: true });
  t.deepEqual(files.sort(), [
    "dist",
    "dist/guard.d.ts",
    "dist/guard.js",
    "dist/guard.js.map",
    "framegate.pack.json",
  ]);
});

test("update: the difference; refused without consent when it asks for more; older and altered ones refused", async (t) => {
  const { gate, pack } = await makePack(t, { capabilities: { kv: true } });
  await runCommand(["add", "../pack.tgz", "--yes"], gate);
  const update = (...more: string[]) => runCommand(["update", "@acme/pack", ...more], gate);

  await rebuild(pack, "1.1.0", { kv: true });
  const same = await update();
  t.is(same.stdout, "@acme/pack 1.0.0 → 1.1.0\n  asks for the same as before\nUpdated.\n");

  await rebuild(pack, "1.2.0", { secrets: ["TOKEN"] });
  const refused = await update();
  t.is(refused.exitCode, 1);
  t.is(
    refused.stdout,
    "@acme/pack 1.1.0 → 1.2.0\n  + guard: secret TOKEN\n  - guard: kv: a store of its own\n",
  );
  t.regex(refused.stderr, /Nothing was changed/);
  t.is((await readLock(gate)).packs["@acme/pack"].version, "1.1.0");
  t.is((await update("--yes")).exitCode, 0);
  t.deepEqual((await readLock(gate)).packs["@acme/pack"].granted, { guard: { secrets: ["TOKEN"] } });

  await rebuild(pack, "1.0.0", {});
  for (const again of [await update("--yes"), await runCommand(["add", "../pack.tgz", "--yes"], gate)]) {
    t.is(again.exitCode, 1);
    t.regex(again.stderr, /@acme\/pack 1\.0\.0 is older than 1\.2\.0, which is installed/);
  }
  await rebuild(pack, "1.2.0", {});
  t.regex(
    (await update("--yes")).stderr,
    /is not the 1\.2\.0 that policies\.lock\.json names .*: a version never changes/,
  );
  t.is((await runCommand(["verify"], gate)).stdout, "As locked: @acme/pack 1.2.0\n");
});

test("update: what was taken out of the lock is granted anew to nobody who does not agree", async (t) => {
  const { gate } = await makePack(t, { capabilities: { kv: true, secrets: ["TOKEN"] } });
  await runCommand(["add", "../pack", "--yes"], gate);
  const { lockVersion, packs } = await readLock(gate);
  const grant = (granted: object) =>
    writeFile(
      join(gate, "policies.lock.json"),
      JSON.stringify({ lockVersion, packs: { "@acme/pack": { ...packs["@acme/pack"], granted } } }),
    );
  const granted = async () => (await readLock(gate)).packs["@acme/pack"].granted;
  const less = { guard: { kv: true } };
  await grant(less);
  for (const again of [["update"], ["add", "../pack"]]) {
    const refused = await runCommand(again, gate);
    t.is(refused.exitCode, 1);
    t.is(
      refused.stdout,
      "@acme/pack 1.0.0 asks for more than policies.lock.json grants\n  + guard: secret TOKEN\n",
    );
    t.regex(refused.stderr, /Nothing was changed/);
    t.deepEqual(await granted(), less);
  }
  await rm(join(gate, "policies/.packs"), { recursive: true });
  t.is(
    (await runCommand(["update", "--yes"], gate)).stdout,
    "@acme/pack 1.0.0 is installed, as policies.lock.json has it.\n",
  );
  t.deepEqual(await granted(), less);
  t.regex((await runCommand(["update", "--yes"], gate)).stdout, /secret TOKEN\nGranted\.\n$/);
  t.deepEqual(await granted(), packs["@acme/pack"].granted);
});

test("the packs of two teams: the lock holds in each clone, and update follows an archive to its next version", async (t) => {
  const { gate, pack, root } = await makePack(t);
  const hand = (version: string) => cp(`${pack}.tgz`, join(root, `acme-pack-${version}.tgz`));
  await hand("1.0.0");
  const other = { name: "@other/pack", version: "2.0.0", files: ["dist", "framegate.*"] };
  await mkdir(join(root, "other"));
  await cp(join(pack, "policies"), join(root, "other/policies"), { recursive: true });
  await writeFile(join(root, "other/package.json"), JSON.stringify(other));
  await build(join(root, "other"));
  t.is((await runCommand(["add", "file:../acme-pack-1.0.0.tgz", "--yes"], gate)).exitCode, 0);
  t.is(
    (await runCommand(["add", "gate/../other", "--policies", "gate/policies", "--yes"], root)).exitCode,
    0,
  );
  const sources = async (dir: string) =>
    Object.values<{ source: string }>((await readLock(dir)).packs).map(({ source }) => source);
  t.deepEqual(await sources(gate), ["file:../acme-pack-1.0.0.tgz", "file:../other"]);

  const clone = join(await makeFolder(t), "clone");
  await rename(root, clone);
  const there = join(clone, "gate");
  const again =
    "@acme/pack 1.0.0 is what is installed already.\n@other/pack 2.0.0 is what is installed already.\n";
  t.is((await runCommand(["update"], there)).stdout, again);
  await rm(join(there, "policies/.packs"), { recursive: true });
  const fresh = await runCommand(["update"], there);
  t.is(
    fresh.stdout,
    again.replaceAll("what is installed already", "installed, as policies.lock.json has it"),
  );
  t.is((await runCommand(["verify"], there)).exitCode, 0);

  const moved = { root: clone, pack: join(clone, "pack") };
  for (const version of ["1.9.0", "1.10.0", "2.0.0-rc.1"]) {
    await rebuild(moved.pack, version, {});
    await cp(`${moved.pack}.tgz`, join(clone, `acme-pack-${version}.tgz`));
  }
  await rm(join(clone, "acme-pack-1.0.0.tgz"));
  t.is(
    (await runCommand(["update", "@acme/pack", "--policies", "gate/policies"], clone)).stdout,
    "@acme/pack 1.0.0 → 1.10.0\n  asks for the same as before\nUpdated, from file:../acme-pack-1.10.0.tgz.\n",
  );
  t.deepEqual(await sources(there), ["file:../acme-pack-1.10.0.tgz", "file:../other"]);

  // An archive whose name lies, and a folder that has the name of one.
  await cp(join(clone, "acme-pack-1.10.0.tgz"), join(clone, "acme-pack-9.0.0.tgz"));
  await mkdir(join(clone, "acme-pack-10.0.0.tgz"));
  const lying = await runCommand(["update"], there);
  t.is(lying.exitCode, 1);
  t.is(lying.stdout, "@other/pack 2.0.0 is what is installed already.\n");
  t.regex(
    lying.stderr,
    /^framegate: \/.*\/acme-pack-9\.0\.0\.tgz has the version 9\.0\.0 in its name, and the pack in it is 1\.10\.0: .*\nframegate: Not updated: @acme\/pack\.\n$/,
  );
  t.regex(
    (await runCommand(["update", "@acme/pack"], there)).stderr,
    /acme-pack-9\.0\.0\.tgz has the version/,
  );
  t.deepEqual(await sources(there), ["file:../acme-pack-1.10.0.tgz", "file:../other"]);
  t.regex(
    (await runCommand(["add", "../acme-pack-9.0.0.tgz"], there)).stdout,
    /already\. Its file, file:\.\.\/acme-pack-9\.0\.0\.tgz, has another version in its name, and stays: /,
  );
  await runCommand(["add", "../acme-pack-1.10.0.tgz"], there);
  await rm(join(clone, "acme-pack-9.0.0.tgz"));

  await rm(join(clone, "acme-pack-1.10.0.tgz"));
  t.regex(
    (await runCommand(["update", "@acme/pack"], there)).stderr,
    /@acme\/pack came from \.\.\/acme-pack-1\.10\.0\.tgz, and there is no .*: `framegate add` with where the pack lies/,
  );
  // An older lock has the absolute path.
  await writeFile(
    join(there, "policies.lock.json"),
    JSON.stringify(await readLock(there)).replace("file:../other", `file:${clone}/other`),
  );
  await runCommand(["update", "@other/pack"], there);
  t.is((await sources(there))[1], "file:../other");
});

test("update: what was signed stays signed, by the same key or one that the config trusts", async (t) => {
  const { gate, pack, root } = await makePack(t);
  const publicKeys: string[] = [];
  for (const name of ["a", "b"]) {
    const { stdout } = await runCommand(["pack", "keygen", "--out", `${name}.pem`], root);
    publicKeys.push(/^ed25519:.*$/m.exec(stdout)![0]);
  }
  const sign = async (key: string) => {
    await runCommand(["pack", "sign", "--key", `../${key}.pem`], pack);
    await archivePack(pack);
  };
  const config = (require: string, keys: object) =>
    writeFile(join(gate, "framegate.config.json"), JSON.stringify({ packs: { require, keys } }));

  await config("signed", { acme: publicKeys[0] });
  t.regex(
    (await runCommand(["add", "../pack.tgz", "--yes"], gate)).stderr,
    /is not signed, and `packs\.require` is "signed"/,
  );
  await sign("b");
  t.regex(
    (await runCommand(["add", "../pack.tgz", "--yes"], gate)).stderr,
    /is signed by the key [0-9a-f]{16}, and/,
  );
  await sign("a");
  const added = await runCommand(["add", "../pack.tgz", "--yes"], gate);
  t.regex(added.stdout, /^@acme\/pack 1\.0\.0, signed by acme \([0-9a-f]{16}\)\n/);
  t.is((await readLock(gate)).packs["@acme/pack"].signer, publicKeys[0]);

  await config("locked", {});
  await rebuild(pack, "1.1.0", {});
  t.regex(
    (await runCommand(["update"], gate)).stderr,
    /1\.1\.0 is not signed; 1\.0\.0, which is installed, was signed by/,
  );
  await sign("b");
  t.regex((await runCommand(["update"], gate)).stderr, /1\.1\.0 is signed by another key/);
  await config("locked", { other: publicKeys[1]! });
  t.is((await runCommand(["update"], gate)).exitCode, 0);
});

test("what is no pack, or is another one than was asked for", async (t) => {
  const { gate, root } = await makePack(t);
  await writeFile(join(root, "a.tgz"), "garbage");
  t.regex((await runCommand(["add", "../a.tgz", "--yes"], gate)).stderr, /expected a gzipped tar archive/);
  await mkdir(join(root, "plain"));
  await writeFile(join(root, "plain/package.json"), '{ "name": "@acme/plain", "version": "1.0.0" }');
  t.regex(
    (await runCommand(["add", "../plain", "--yes"], gate)).stderr,
    /is no pack: it has no framegate\.pack\.json/,
  );
  t.regex(
    (await runCommand(["add", "--", "--registry=x"], gate)).stderr,
    /it is no name, file, folder or git URL/,
  );
  await mkdir(join(root, "empty"));
  for (const [spec, said] of [
    ["../pak", /"\.\.\/pak" cannot be fetched: there is no \/.*\/pak; did you mean \.\.\/pack\?/],
    [
      "./team.tgz",
      /there is no \/.*\/gate\/team\.tgz; a pack of a registry is named with its scope, as @acme\/guard/,
    ],
    ["guard", /there is no \/.*\/gate\/guard; /],
    ["teams/guard", /there is no .*, and one of GitHub as github:acme\/guard/],
    ["../empty", /the folder has no package\.json: name the pack's own folder; `framegate pack init` begins/],
    ["git+file:///nowhere/pack", /'\/nowhere\/pack' does not appear to be a git repository/],
  ] as const) {
    const { exitCode, stderr } = await runCommand(["add", spec, "--yes"], gate);
    t.is(exitCode, 1);
    t.regex(stderr, said);
  }
  t.regex((await runCommand(["remove", "@acme/none"], gate)).stderr, /There is no pack "@acme\/none"/);
  t.regex((await runCommand(["update", "@acme/none"], gate)).stderr, /There is no pack "@acme\/none"/);
  t.deepEqual(await readdir(join(gate, "policies")), []);
});

test("verify finds a file that was changed, check does with --frozen and without, and remove says which routes use it", async (t) => {
  const { gate } = await makePack(t);
  await runCommand(["add", "../pack.tgz", "--yes"], gate);
  const routes = [
    { path: "/*", upstream: "ws://127.0.0.1:1", origins: ["*"], policies: ["@acme/pack/guard"] },
  ];
  await writeFile(join(gate, "framegate.config.json"), JSON.stringify({ console: false, routes }));
  t.is(
    (await runCommand(["check", "--frozen"], gate)).stdout,
    "1 policy is fine\nin a host process of the pack @acme/pack: @acme/pack/guard\n",
  );
  await writeFile(join(gate, "policies/.packs/@acme/pack/dist/guard.js"), "var __policy = {};");
  for (const args of [["verify"], ["check"], ["check", "--frozen"]]) {
    const { exitCode, stdout } = await runCommand(args, gate);
    t.is(exitCode, 1, args.join(" "));
    t.regex(stdout, /dist\/guard\.js is not the file that was built/, args.join(" "));
  }
  await writeFile(
    join(gate, "policies/own.ts"),
    'export const client = () => {};\nexport const route = { path: "/own", upstream: "ws://127.0.0.1:1", policies: ["@acme/pack/guard"] };',
  );
  const used = await runCommand(["remove", "@acme/pack"], gate);
  t.is(used.exitCode, 1);
  t.is(
    used.stdout,
    `@acme/pack is used:
  framegate.config.json: routes[0].policies[0], of the route /*: @acme/pack/guard
  policies/own.ts: route.policies[0], of the route /own: @acme/pack/guard
A gateway that runs goes on with what it has; after its next start these routes refuse connections.
`,
  );
  t.regex(used.stderr, /Nothing was changed: .* say --yes/);
  t.true(existsSync(join(gate, "policies/.packs/@acme/pack")));
  const removed = await runCommand(["remove", "@acme/pack", "--yes"], gate);
  t.regex(removed.stdout, /\nRemoved @acme\/pack\.\n$/);
  t.regex(
    (await runCommand(["check"], gate)).stdout,
    /there is no policy "@acme\/pack\/guard"; the pack @acme\/pack is not installed: `framegate add @acme\/pack`/,
  );
});

interface Made {
  readonly root: string;
  /** A folder; beside it what npm would make of it, `pack.tgz`. */
  readonly pack: string;
  /** A folder with an empty policies folder. */
  readonly gate: string;
}

async function makePack(
  t: ExecutionContext,
  { capabilities, packageJson = {} }: { readonly capabilities?: object; readonly packageJson?: object } = {},
): Promise<Made> {
  const description = {
    name: "@acme/pack",
    version: "1.0.0",
    files: ["dist", "framegate.*"],
    ...packageJson,
  };
  const root = await makeFolder(t, {
    "pack/package.json": JSON.stringify(description),
    "pack/policies/guard.ts": policy("1", capabilities),
    "gate/policies/.keep": "",
  });
  await run("rm", [join(root, "gate/policies/.keep")]);
  const made = { root, pack: join(root, "pack"), gate: join(root, "gate") };
  await build(made.pack);
  return made;
}

async function rebuild(pack: string, version: string, capabilities: object): Promise<void> {
  const description = JSON.parse(await readFile(join(pack, "package.json"), "utf8"));
  await writeFile(join(pack, "package.json"), JSON.stringify({ ...description, version }));
  await writeFile(join(pack, "policies/guard.ts"), policy(version, capabilities));
  await build(pack);
}

/** By version and source. The same make the same bytes, and the compiler takes its time over each. */
const builds = new Map<string, Promise<BuiltPack>>();

async function build(pack: string): Promise<void> {
  const project = await readProject(pack);
  const key = `${project.version} ${await readFile(join(pack, "policies/guard.ts"), "utf8")}`;
  const building = builds.get(key) ?? buildPack(project, probe);
  builds.set(key, building);
  await writePack(project, await building);
  await archivePack(pack);
}

async function archivePack(pack: string): Promise<void> {
  const names = await readdir(pack, { recursive: true });
  const published = names.filter((name) => /^(?:package\.json|framegate\.|dist\/)/.test(name));
  const files = published.map(async (name) => [name, await readFile(join(pack, name))] as const);
  await writeFile(`${pack}.tgz`, archive(new Map(await Promise.all(files))));
}

function policy(version: string, capabilities?: object): string {
  const asks = capabilities ? `export const capabilities = ${JSON.stringify(capabilities)};\n` : "";
  return `${asks}export const client = () => ({ content: { body: "${version}" } });\n`;
}

async function readLock(gate: string) {
  return JSON.parse(await readFile(join(gate, "policies.lock.json"), "utf8"));
}
