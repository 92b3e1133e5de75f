import { mkdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import test from "ava";
import { showSecretUrl } from "../../core/net/shown-url.ts";
import { createFolderDriver } from "../../core/source/drivers/folder.ts";
import { createHttpDriver } from "../../core/source/drivers/http.ts";
import { judgeVersion, signDigest } from "../../core/source/judge.ts";
import { digestOf } from "../../core/source/version.ts";
import { writeArchive } from "../../policies/pack/archive.ts";
import { makeKeys } from "../../policies/pack/signature.ts";
import { runCommand } from "../cli/in-process.ts";
import { makeFolder } from "../config/folder.ts";
import { archiveOf } from "../policies/pack/packing.ts";
import { eventually } from "../support/eventually.ts";
import { startHttp } from "../support/servers/http-server.ts";
import { filesOf, openTestSource, testDriver, versionOf } from "./support.ts";

const key = makeKeys();
const stranger = makeKeys();
const one = { "policies/a.ts": "1" };
const two = { "policies/a.ts": "2" };
const digestOne = digestOf(filesOf(one));
const digestTwo = digestOf(filesOf(two));
const signed = { require: "signed", keys: { acme: key.publicKey } } as const;
const soon = AbortSignal.timeout(60_000);

test("a version is written to a folder of its digest, and `active` is a link to it", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", { ...one, "lib/deep/b.ts": "b" }));
  const { source, dir, news, look } = await openTestSource(t, { driver });
  await source.start();
  t.is(await readFile(join(dir, "active/policies/a.ts"), "utf8"), "1");
  t.is(await readFile(join(dir, "active/lib/deep/b.ts"), "utf8"), "b");
  driver.give(versionOf("2", two));
  await look();
  t.is(await readFile(join(dir, "active/policies/a.ts"), "utf8"), "2");
  t.is(source.view().active?.digest, digestTwo);
  t.deepEqual(
    news.map(({ type }) => type),
    ["taken", "taken"],
  );
  // The same content under another name is nothing new.
  driver.give(versionOf("3", two));
  await look();
  t.is(news.length, 2);
});

test("the last good version starts without the source; one that was changed on disk does not", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const first = await openTestSource(t, { driver });
  await first.source.start();
  driver.give(versionOf("2", two));
  await first.look();
  await first.source.close();
  driver.give(undefined);
  const again = await openTestSource(t, { driver, dir: first.dir });
  await again.source.start();
  t.is(again.source.view().active?.digest, digestTwo);
  await again.look();
  t.like(again.source.view(), { failures: 1, problem: { kind: "failed", message: "memory is gone" } });
  await again.source.close();
  await writeFile(join(first.dir, "active/policies/a.ts"), "evil");
  const third = await openTestSource(t, { driver, dir: first.dir });
  await third.source.start();
  t.is(third.source.view().active?.digest, digestOne);
  t.is(await readFile(join(first.dir, "active/policies/a.ts"), "utf8"), "1");
  t.like(third.news, [{ type: "problem", kind: "refused", digest: digestTwo }]);
  t.regex(
    JSON.stringify(third.news),
    /of memory, which ran before: its files on disk are not what they were/,
  );
  await third.source.close();
  const locked = { require: "none", keys: {}, lock: digestTwo } as const;
  driver.give(versionOf("2", two));
  const fourth = await openTestSource(t, { driver, dir: first.dir, rules: locked });
  await fourth.source.start();
  t.regex(JSON.stringify(fourth.news[0]), /which ran before: it is sha256:\w+, and `source\.lock` is/);
  t.is(fourth.source.view().active?.digest, digestTwo);
});

test("without a version on disk a source that gives none fails the start, and says why", async (t) => {
  const { source } = await openTestSource(t, { driver: testDriver() });
  await t.throwsAsync(source.start(), {
    code: "ERR_SOURCE_FETCH",
    message: /the source has no version to start with, and none is on disk: memory is gone/,
  });
});

test("a version that does not pass the check is refused, not kept, and looked at again only when told to", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  let checks = 0;
  const { source, dir, news, look } = await openTestSource(t, {
    driver,
    async check({ digest }) {
      checks++;
      if (digest === digestTwo) throw new Error("broken");
    },
  });
  await source.start();
  driver.give(versionOf("2", two));
  await look();
  await look();
  t.is(checks, 2);
  t.deepEqual(news.at(-1), {
    ...{ type: "problem", kind: "refused", digest: digestTwo },
    message: `${digestTwo.slice(0, 19)}… of memory: broken`,
  });
  t.is(source.view().active?.digest, digestOne);
  t.false((await readlink(join(dir, "active"))).includes(digestTwo.slice(7)));
  t.is(source.view().versions.length, 1);
  await look(true);
  t.is(checks, 3);
  t.is(news.length, 2);
});

test("a version that cannot be put into effect is taken back", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const applied: string[] = [];
  const { source, dir, look } = await openTestSource(t, {
    driver,
    async apply({ digest }) {
      applied.push(digest);
      if (digest === digestTwo) throw new Error("no room");
    },
  });
  await source.start();
  driver.give(versionOf("2", two));
  await look();
  t.deepEqual(applied, [digestOne, digestTwo, digestOne]);
  t.is(await readFile(join(dir, "active/policies/a.ts"), "utf8"), "1");
  t.like(source.view(), { active: { digest: digestOne }, problem: { kind: "refused", digest: digestTwo } });
});

test("a disk that cannot be written leaves what runs, and what is on it starts; the next look tries again", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const { source, dir, news, look } = await openTestSource(t, { driver });
  await source.start();
  // The place of the link that is to take the place of `active`.
  const block = join(dir, ".active");
  await mkdir(block);
  driver.give(versionOf("2", two));
  await look();
  t.like(source.view(), { active: { digest: digestOne }, failures: 1, problem: { kind: "failed" } });
  t.regex(
    source.view().problem?.message ?? "",
    /versions cannot be kept in .*`source.dir` says where they are/,
  );
  t.is(source.view().versions.find(({ digest }) => digest === digestTwo)?.activatedAt, undefined);
  await source.close();
  driver.give(undefined);
  const again = await openTestSource(t, { driver, dir });
  await again.source.start();
  t.is(again.source.view().active?.digest, digestOne);
  driver.give(versionOf("2", two));
  await again.look();
  t.is(again.news.at(-1)?.type, "problem");
  await rm(block, { recursive: true });
  await again.look();
  t.is(again.source.view().active?.digest, digestTwo);
  t.deepEqual(
    [...news, ...again.news].map(({ type }) => type),
    ["taken", "problem", "problem", "taken"],
  );
});

test("what should never go wrong leaves what runs, is told, and the source is looked at again", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  let isBroken = false;
  const { source, news, look } = await openTestSource(t, {
    driver,
    onOffer({ digest }) {
      if (isBroken) throw new Error("oh");
      source.activate(digest);
    },
  });
  await source.start();
  isBroken = true;
  driver.give(versionOf("2", two));
  await look();
  t.deepEqual(news.at(-1), { type: "problem", kind: "failed", message: "please report this: oh" });
  isBroken = false;
  await look();
  t.is(source.view().active?.digest, digestTwo);
});

test("what was changed on disk runs neither after the next look nor when somebody asks for it", async (t) => {
  const driver = testDriver();
  const signedAt = (digest: string, time: number) => [signDigest(digest, time, key.privateKey)];
  driver.give(versionOf("1", one, signedAt(digestOne, 1000)));
  const { source, dir, look } = await openTestSource(t, { driver, rules: signed });
  await source.start();
  driver.give(versionOf("2", two, signedAt(digestTwo, 2000)));
  await look();
  await source.close();
  const running = () => readFile(join(dir, "active/policies/a.ts"), "utf8");
  const change = (digest: string) =>
    writeFile(join(dir, "versions", digest.slice(7), "policies/a.ts"), "evil");
  await change(digestTwo);
  const again = await openTestSource(t, { driver, dir, rules: signed });
  await again.source.start();
  t.is(await running(), "1");
  // The source gives it once more: it is written anew.
  await again.look();
  t.is(again.source.view().active?.digest, digestTwo);
  t.is(await running(), "2");
  await change(digestOne);
  t.true(again.source.activate(digestOne));
  await again.look();
  t.like(again.source.view(), { active: { digest: digestTwo }, problem: { kind: "refused" } });
  t.regex(again.source.view().problem?.message ?? "", /the files of sha256:\w+ are not what they were/);
  t.is(await running(), "2");
});

test("a version that is kept is asked for its signature and the lock again when it is to run", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const first = await openTestSource(t, { driver });
  await first.source.start();
  driver.give(versionOf("2", two, [signDigest(digestTwo, 2000, key.privateKey)]));
  await first.look();
  await first.source.close();
  for (const rules of [signed, { require: "none", keys: {}, lock: digestTwo } as const]) {
    const { source, look } = await openTestSource(t, { driver, dir: first.dir, rules });
    await source.start();
    source.activate(digestOne);
    await look();
    t.like(source.view(), { active: { digest: digestTwo }, problem: { kind: "refused" } });
    await source.close();
  }
});

test("a link that leads elsewhere is put right at the start", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const first = await openTestSource(t, { driver });
  await first.source.start();
  await first.source.close();
  const elsewhere = join(
    await makeFolder(t, { [`${digestOne.slice(7)}/policies/a.ts`]: "evil" }),
    digestOne.slice(7),
  );
  await rm(join(first.dir, "active"));
  await symlink(elsewhere, join(first.dir, "active"));
  const again = await openTestSource(t, { driver, dir: first.dir });
  await again.source.start();
  t.is(await readFile(join(first.dir, "active/policies/a.ts"), "utf8"), "1");
});

test("going back lasts: over a look that looks at everything again, and a restart; another version ends it", async (t) => {
  const driver = testDriver();
  const three = versionOf("3", { "policies/a.ts": "3" });
  const { source, look, dir } = await openTestSource(t, { driver, keep: 2 });
  driver.give(versionOf("1", one));
  await source.start();
  driver.give(versionOf("2", two));
  await look();
  source.activate(digestOne);
  await look(true);
  t.is(source.view().active?.digest, digestOne);
  await source.close();
  const again = await openTestSource(t, { driver, dir, keep: 2 });
  await again.source.start();
  await again.look();
  await again.look(true);
  t.is(again.source.view().active?.digest, digestOne);
  t.is(again.source.view().versions.find(({ digest }) => digest === digestTwo)?.isTurnedAway, true);
  driver.give(three);
  await again.look();
  t.is(again.source.view().active?.revision, "3");
  driver.give(versionOf("2", two));
  await again.look();
  t.is(again.source.view().active?.digest, digestTwo);
});

test("what is offered waits for a word, and what is kept can come back", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", one));
  const offers: string[] = [];
  const { source, look } = await openTestSource(t, {
    driver,
    onOffer: ({ digest }) => void offers.push(digest),
  });
  const started = source.start();
  await eventually("it is offered", () => offers.length > 0);
  t.deepEqual(offers, [digestOne]);
  t.is(source.view().active, undefined);
  t.true(source.activate(digestOne));
  await started;
  driver.give(versionOf("2", two));
  await look();
  t.like(source.view(), { active: { digest: digestOne }, offered: { digest: digestTwo } });
  source.activate(digestTwo);
  await look();
  source.activate(digestOne);
  await look();
  t.is(source.view().active?.digest, digestOne);
  t.false(source.activate("sha256:no"));
});

test("only so many versions that have run are kept", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("0", { "policies/a.ts": "0" }));
  const { source, look } = await openTestSource(t, { driver, keep: 2 });
  await source.start();
  for (const id of ["1", "2", "3"]) {
    driver.give(versionOf(id, { "policies/a.ts": id }));
    await look();
  }
  t.deepEqual(
    source.view().versions.map(({ revision }) => revision),
    ["3", "2"],
  );
});

test("with `path` only that folder counts", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("1", { "eu/policies/a.ts": "1", "us/policies/a.ts": "us" }));
  const { source } = await openTestSource(t, { driver, path: "eu" });
  await source.start();
  t.is(source.view().active?.digest, digestOne);
});

test("signatures: who is believed, and nobody brings back what was signed before", async (t) => {
  const driver = testDriver();
  driver.give(versionOf("2", two, [signDigest(digestTwo, 2000, key.privateKey)]));
  const { source, look, dir } = await openTestSource(t, { driver, rules: signed });
  await source.start();
  t.like(source.view().active, { signature: { keyId: key.keyId, signedAt: 2000 } });
  const refuses = async (version: Parameters<typeof driver.give>[0], message: RegExp) => {
    driver.give(version);
    await look();
    t.regex(source.view().problem?.message ?? "", message);
    t.is(source.view().active?.digest, digestTwo);
  };
  await refuses(
    versionOf("a", one),
    /it is not signed, and `source.require` is "signed": expected one of `packs.keys`, acme \([0-9a-f]{16}\); sign it as it is pushed, `framegate push --key FILE`/,
  );
  await refuses(
    versionOf("b", one, [signDigest(digestOne, 3000, stranger.privateKey)]),
    /it is signed by the key /,
  );
  await refuses(
    versionOf("c", one, [signDigest(digestTwo, 3000, key.privateKey)]),
    /its signature is wrong: it was made for something else/,
  );
  await refuses(versionOf("d", one, ["{}"]), /its signature is wrong/);
  await refuses(
    versionOf("e", one, [signDigest(digestOne, 1000, key.privateKey)]),
    /it was signed at 1970-01-01T00:00:01.000Z, before the version that runs/,
  );
  driver.give(
    versionOf("f", { ...one, "framegate.source.sig": signDigest(digestOne, 3000, key.privateKey) }),
  );
  await look();
  t.is(source.view().active?.digest, digestOne);
  // Who is not believed any more is not started with.
  await source.close();
  const again = await openTestSource(t, {
    driver,
    dir,
    rules: { ...signed, keys: { other: stranger.publicKey } },
  });
  await t.throwsAsync(again.source.start(), { message: /is signed by the key/ });
});

test("a time in a signature cannot be changed, and a lock takes nothing else", (t) => {
  const text = signDigest(digestOne, 1000, key.privateKey).replace("00:00:01", "00:00:09");
  t.throws(() => judgeVersion({ digest: digestOne, signatures: [text] }, signed, undefined), {
    code: "ERR_SOURCE_SIGNATURE",
  });
  const rules = { require: "none", keys: {}, lock: digestOne } as const;
  t.is(judgeVersion({ digest: digestOne, signatures: [] }, rules, undefined), undefined);
  t.throws(() => judgeVersion({ digest: digestTwo, signatures: [] }, rules, undefined), {
    code: "ERR_SOURCE_LOCK",
  });
});

test("a folder: what links mean, and nothing that is hidden; it says when it has not changed", async (t) => {
  const dir = await makeFolder(t, {
    "..2026/a.ts": "1",
    "policies/node_modules/x/i.js": "x",
    "policies/.git/config": "",
    "policies/.packs/@acme/guard/m": "m",
    "policies/.packs/framegate-packs.d.ts": "",
    "policies.lock.json": "{}",
  });
  await symlink("..2026", join(dir, "..data"));
  await symlink("../..data/a.ts", join(dir, "policies/a.ts"));
  await symlink("..", join(dir, "policies/loop"));
  const driver = createFolderDriver(dir);
  const found = await driver.fetch(undefined, soon);
  if (found === "unchanged") return t.fail();
  const files = await found.unpack();
  t.deepEqual([...files.keys()].sort(), [
    "policies.lock.json",
    "policies/.packs/@acme/guard/m",
    "policies/a.ts",
  ]);
  t.is(await driver.fetch(found.revision, soon), "unchanged");
  t.is(await driver.fetch({ id: found.revision.id }, soon), "unchanged");
  await writeFile(join(dir, "..2026/a.ts"), "2");
  t.not(await driver.fetch(found.revision, soon), "unchanged");
  const outside = await makeFolder(t, { "secret.ts": "secret" });
  for (const target of [outside, join(outside, "secret.ts"), `${dir}/../${basename(outside)}`]) {
    await symlink(target, join(dir, "policies/leak"));
    await t.throwsAsync(driver.fetch(found.revision, soon), {
      code: "ERR_SOURCE_FETCH",
      message: /"policies\/leak" is a link that leads out of/,
    });
    await rm(join(dir, "policies/leak"));
  }
  await rm(dir, { recursive: true });
  await t.throwsAsync(driver.fetch(found.revision, soon), {
    code: "ERR_SOURCE_FETCH",
    message: /is not there: put it there, or correct `source\.folder`$/,
  });
});

test("http: an archive by its ETag, with credentials that no other server sees", async (t) => {
  const archive = await writeArchive(filesOf({ ...one, [`policies/${"long/".repeat(30)}a.ts`]: "long" }));
  t.deepEqual(
    archive,
    await writeArchive(filesOf({ [`policies/${"long/".repeat(30)}a.ts`]: "long", ...one })),
  );
  const seen: string[] = [];
  const { url: elsewhere } = await startHttp(t, (request, response) => {
    seen.push(`elsewhere ${request.headers.authorization}`);
    response.setHeader("ETag", '"1"');
    if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
    else response.end(archive);
  });
  const { url } = await startHttp(t, (request, response) => {
    seen.push(`here ${request.headers.authorization}`);
    response.writeHead(302, { Location: `${elsewhere}/b.tgz` }).end();
  });
  const driver = createHttpDriver(`${url}/a.tgz?secret=1`, () => ({ token: "t", plainHttp: false }));
  t.is(driver.origin, `${url}/a.tgz`);
  const found = await driver.fetch(undefined, soon);
  if (found === "unchanged") return t.fail();
  t.is(found.revision.etag, '"1"');
  t.is((await found.unpack()).size, 2);
  t.is(await driver.fetch(found.revision, soon), "unchanged");
  t.deepEqual(seen.slice(0, 2), ["here Bearer t", "elsewhere undefined"]);
});

test("http: what is no archive, too large, too slow, or without TLS", async (t) => {
  const { url } = await startHttp(t, (request, response) => {
    switch (request.url) {
      case "/link":
        return response.end(
          archiveOf([{ path: "policies/a.ts", type: "SymbolicLink", linkpath: "/etc/passwd" }]),
        );
      case "/climbs":
        return response.end(archiveOf([{ path: "./policies/../../a.ts", text: "" }]));
      case "/text":
        return response.end("hello");
      case "/huge":
        return void response.writeHead(200, { "Content-Length": String(2 ** 40) }).write("x");
      case "/endless": {
        const more = (): void =>
          void response.write(Buffer.alloc(1024 * 1024), () => response.destroyed || more());
        return more();
      }
      case "/down":
        return void response.writeHead(302, { Location: "http://example.com/" }).end();
      case "/loop":
        return void response.writeHead(302, { Location: "/loop" }).end();
      case "/slow":
        return void response.flushHeaders();
      default:
        return void response.writeHead(403).end();
    }
  });
  const fetchIt = async (path: string, signal = soon) => {
    const found = await createHttpDriver(url + path, () => ({ plainHttp: false })).fetch(undefined, signal);
    return found !== "unchanged" && (await found.unpack());
  };
  const fetchFails = { code: "ERR_SOURCE_FETCH" };
  await t.throwsAsync(fetchIt("/link"), {
    code: "ERR_SOURCE_FORMAT",
    message: /is no file but a SymbolicLink/,
  });
  await t.throwsAsync(fetchIt("/climbs"), { code: "ERR_SOURCE_FORMAT", message: /is not one below/ });
  await t.throwsAsync(fetchIt("/text"), {
    code: "ERR_SOURCE_FORMAT",
    message: /expected a gzipped tar archive/,
  });
  await t.throwsAsync(fetchIt("/huge"), { ...fetchFails, message: /has more than 16777216 bytes/ });
  await t.throwsAsync(fetchIt("/endless"), { ...fetchFails, message: /has more than 16777216 bytes/ });
  await t.throwsAsync(fetchIt("/down"), { ...fetchFails, message: /http is for this machine only/ });
  await t.throwsAsync(fetchIt("/loop"), { ...fetchFails, message: /redirects more than 5 times/ });
  const hidden = createHttpDriver(`${url}/down`, () => ({ plainHttp: false }), showSecretUrl);
  const message = /^http:\/\/example\.com\/\[hidden\] cannot be fetched/;
  await t.throwsAsync(hidden.fetch(undefined, soon), { ...fetchFails, message });
  await t.throwsAsync(fetchIt("/slow", AbortSignal.timeout(50)), { ...fetchFails, message: /timeout/ });
  await t.throwsAsync(fetchIt("/no"), {
    ...fetchFails,
    message: /answered 403, expected 200: `source.token` says who asks/,
  });
  await t.throwsAsync(
    createHttpDriver("http://10.0.0.1/", () => ({ plainHttp: false })).fetch(undefined, soon),
    fetchFails,
  );
});

test("push: the value of a variable that stands for a secret does not get into a registry unsaid, and nothing that no gateway takes", async (t) => {
  process.env.FRAMEGATE_TEST_TOKEN = "hunter2";
  process.env.FRAMEGATE_TEST_PROXY = "http://127.0.0.1:1";
  t.teardown(() => delete process.env.FRAMEGATE_TEST_TOKEN);
  const use = `{ use: say, options: { token: '\${FRAMEGATE_TEST_TOKEN}' } }`;
  const dir = await makeFolder(t, {
    "policies/say.ts": "export const client = () => {};\n",
    "a.yaml": `routes: [{ path: /x, upstream: "ws://a", policies: [${use}] }]\n`,
  });
  const args = ["push", "oci://127.0.0.1:1/team/policies:a", dir, "--config", join(dir, "a.yaml")];
  const told = await runCommand(args);
  t.is(told.exitCode, 2);
  t.regex(
    told.stderr,
    /routes\[0\]\.policies\[0\]\.options\.token of .*a\.yaml has the value that FRAMEGATE_TEST_TOKEN has here, .*nothing was pushed/,
  );
  t.false(`${told.stdout}${told.stderr}`.includes("hunter2"));
  // There is no registry: it got as far as that.
  t.regex((await runCommand([...args, "--with-secrets"])).stderr, /127\.0\.0\.1:1/);

  const url = "upstreams: { p: { url: 'ws://a', proxy: { env: FRAMEGATE_TEST_PROXY } } }";
  const header = `headers: { request: { set: { x-key: '\${FRAMEGATE_TEST_TOKEN}' } } }`;
  await writeFile(join(dir, "a.yaml"), `${url}\nroutes: [{ path: /x, upstream: "ws://a", ${header} }]\n`);
  t.regex((await runCommand(args)).stderr, /headers\.request\.set\["x-key"\] of .*nothing was pushed/);
  const untaken = await runCommand([...args, "--with-secrets"]);
  t.is(untaken.exitCode, 2);
  t.regex(
    untaken.stderr,
    /No gateway would take this .*nothing was pushed.*\n *upstreams\.p\.proxy: expected text: only the config of a machine says where its secrets are/,
  );
  t.false(untaken.stderr.includes("hunter2"));
});
