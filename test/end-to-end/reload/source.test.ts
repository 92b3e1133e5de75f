import { createHmac } from "node:crypto";
import { readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { writeArchive } from "../../../policies/pack/archive.ts";
import { makeFolder } from "../../config/folder.ts";
import { filesOf } from "../../source/support.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";
import { startHttp } from "../../support/servers/http-server.ts";

const says = (word: string) => `import { mark } from "../lib/mark.ts";
export const client = ({ session, content }) => {
  session.count = (session.count ?? 0) + 1;
  return { content: { body: ["${word}", mark, session.count].join(" ") } };
};`;
const versionOf = (word: string, others: Readonly<Record<string, string>> = {}) =>
  writeArchive(
    filesOf({
      "policies/say.ts": says(word),
      "policies/same.ts": "export const client = () => {};",
      "lib/mark.ts": 'export const mark = "!";',
      ...others,
    }),
  );
interface Seen {
  readonly active: { readonly digest: string };
  readonly problem: { readonly message: string };
}
const SECRET = "a-secret-of-the-hook";
process.env.FRAMEGATE_TEST_HOOK = SECRET;
const IN_URL = ["KEYPATH", "KEYQUERY"];

test("a new version at a URL comes to open sessions; a broken one does not; without the source the last good one starts", async (t) => {
  let archive = await versionOf("one");
  let isDown = false;
  const { url } = await startHttp(t, (_request, response) =>
    isDown ? void response.writeHead(500).end() : response.end(archive),
  );
  process.env.FRAMEGATE_TEST_SOURCE = `${url}/${IN_URL[0]}/v.tgz?k=${IN_URL[1]}`;
  const server = await startServer(t);
  const dir = await makeFolder(t);
  const config = {
    console: { port: 0, token: false },
    policies: "policies",
    secrets: { HOOK: { env: "FRAMEGATE_TEST_HOOK" } },
    source: { http: { env: "FRAMEGATE_TEST_SOURCE" }, every: "1h", hook: "HOOK", dir },
  } as const;
  const routes = [{ path: "/", upstream: server.url, policies: ["say", "same"] }];
  const gateway = await startGateway(t, { config, routes });
  const consoleUrl = `http://127.0.0.1:${gateway.gateway.addresses.console?.port}`;
  const source = async () =>
    ((await (await fetch(`${consoleUrl}/api/v1/source`)).json()) as { source: Seen }).source;
  const hook = (headers: Record<string, string>, body = "") =>
    fetch(`${consoleUrl}/hooks/source`, { method: "POST", headers, body });
  const client = await connectClient(t, gateway.url);
  const ask = async () => {
    client.send("x");
    return client.next();
  };
  t.is(await ask(), "one ! 1");
  const { digest: first } = (await source()).active;
  const loads = () =>
    gateway.log.filter(({ msg, policy }) => msg === "policy loaded" && policy === "same").length;
  const loadsBefore = loads();

  archive = await versionOf("two");
  t.is((await hook({})).status, 401);
  t.is((await hook({ Authorization: "Bearer wrong" })).status, 401);
  t.is((await hook({ "X-Hub-Signature-256": `sha256=${"0".repeat(64)}` }, "{}")).status, 401);
  const signature = createHmac("sha256", SECRET).update("{}").digest("hex");
  t.is((await hook({ "X-Hub-Signature-256": `sha256=${signature}` }, "{}")).status, 200);
  await eventually("the second version runs", async () => (await source()).active.digest !== first);
  t.is(await ask(), "two ! 2");
  t.is(loads(), loadsBefore);
  t.false(gateway.log.some(({ msg, policy }) => msg === "policy reloaded" && policy === "same"));

  const { digest: second } = (await source()).active;
  archive = await versionOf("three", { "policies/same.ts": "export const client = (" });
  t.is((await hook({ Authorization: `Bearer ${SECRET}` })).status, 200);
  const refused = await gateway.logged(({ msg }) => msg.startsWith("a version of the source is refused"));
  t.regex(refused.msg, /what runs stays: sha256:[0-9a-f]{12}… of http:\S+: policies\/same\.ts:1:2\d/);
  t.true(refused.msg.includes(String(refused.digest).slice(0, 19)));
  t.regex(String(refused.frame), /^ +policies\/same\.ts:1:2\d.*\n.*export const client = \(/m);
  t.like(await source(), { active: { digest: second }, problem: { kind: "refused" } });
  t.is(await ask(), "two ! 3");

  // A route names what is not there.
  archive = await writeArchive(
    filesOf({ "policies/other.ts": says("x"), "lib/mark.ts": 'export const mark = "!";' }),
  );
  t.is((await hook({ "X-Gitlab-Token": SECRET })).status, 200);
  await eventually("it is refused", async () => /no policy "say"/.test((await source()).problem.message));
  t.false((await source()).problem.message.includes("its connections"));
  // As it is made inside of the folder.
  archive = await writeArchive(filesOf({ "say.ts": says("x") }));
  t.is((await hook({ Authorization: `Bearer ${SECRET}` })).status, 200);
  await eventually("what is missing is said", async () => {
    return /no folder policies\/, .* at its top there is say\.ts; .*`tar czf policies\.tar\.gz policies`/.test(
      (await source()).problem.message,
    );
  });
  archive = Buffer.from("no archive");
  t.is((await hook({ Authorization: `Bearer ${SECRET}` })).status, 200);
  await eventually("how one is made is said", async () => {
    return /gzipped tar archive, as `tar czf policies\.tar\.gz policies` makes it/.test(
      (await source()).problem.message,
    );
  });
  // Who guesses behind the same address shuts out nobody who was right from there before, by whatever way it was shown.
  for (let guess = 0; guess < 10; guess++) await hook({ Authorization: `Bearer ${guess}` });
  t.is((await hook({ Authorization: "Bearer 10" })).status, 429);
  const otherSignature = createHmac("sha256", SECRET).update("[]").digest("hex");
  t.is((await hook({ "X-Hub-Signature-256": `sha256=${otherSignature}` }, "[]")).status, 200);
  t.is((await hook({ Authorization: `Bearer ${SECRET}` })).status, 200);
  const metrics = await (await fetch(`${consoleUrl}/metrics`)).text();
  t.regex(metrics, /framegate_source_versions_total\{outcome="refused"\} 4/);
  t.regex(metrics, /framegate_source_problems 1/);

  const post = (path: string, body: object) =>
    fetch(`${consoleUrl}/api/v1/source/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  t.is((await post("activate", { digest: "sha256:no" })).status, 404);
  t.is((await post("activate", { digest: first })).status, 200);
  await eventually("the first version runs", async () => (await source()).active.digest === first);
  t.is(await ask(), "one ! 4");
  isDown = true;
  t.is((await post("look", {})).status, 200);
  await gateway.logged(({ msg }) => msg.startsWith("the source gives nothing, what runs stays"));
  const told = JSON.stringify([gateway.log, await source()]);
  t.true(told.includes(`${url}/[hidden] answered 500`));
  for (const key of IN_URL) t.false(told.includes(key));
  await gateway.stop();

  const later = await startGateway(t, { config: { ...config, console: false }, routes });
  const said = await later.logged((line) => line.msg === "this version of the source is what runs first");
  t.is(said.digest, first);
  const other = await connectClient(t, later.url);
  other.send("x");
  t.is(await other.next(), "one ! 1");
});

test("a folder whose link is swapped, as a ConfigMap's is; without a first version the start fails", async (t) => {
  const root = await makeFolder(t, {
    "mounted/..v1/a.ts": "export const upgrade = () => ({ reject: { status: 418 } });",
    "mounted/..v2/b.ts": "",
  });
  const mounted = join(root, "mounted");
  const server = await startServer(t);
  const start = () =>
    startGateway(t, {
      config: { policies: ".", source: { folder: mounted, every: "50ms", dir: join(root, "state") } },
      routes: [{ path: "/", upstream: server.url, policies: "*" }],
    });
  await t.throwsAsync(start(), {
    code: "ERR_SOURCE_FETCH",
    message: /it has no policy at its top, where there is nothing/,
  });
  const gone = { policies: ".", source: { folder: join(root, "gone"), dir: join(root, "none") } };
  await t.throwsAsync(
    startGateway(t, { config: gone, routes: [{ path: "/", upstream: server.url, policies: "*" }] }),
    {
      message:
        /^the source has no version to start with, and none is on disk: the folder \S+gone is not there: put it there, or correct `source\.folder`$/,
    },
  );
  await symlink("..v1", join(mounted, "..data"));
  await symlink("..data/a.ts", join(mounted, "a.ts"));
  const gateway = await start();
  await t.throwsAsync(connectClient(t, gateway.url), { message: /418/ });
  const first = await readlink(join(root, "state/active"));
  await writeFile(join(mounted, "..v2/a.ts"), "export const upgrade = () => ({ reject: { status: 451 } });");
  await symlink("..v2", join(mounted, "..next"));
  await rename(join(mounted, "..next"), join(mounted, "..data"));
  await gateway.logged(
    ({ msg, before }) => msg === "a version of the source is taken" && before !== undefined,
  );
  t.not(await readlink(join(root, "state/active")), first);
  await t.throwsAsync(connectClient(t, gateway.url), { message: /451/ });
});

test("with `config: true` a version says routes too, of the file that the gateway was started with; its script does not run", async (t) => {
  const server = await startServer(t);
  const policies = { "policies/a.ts": "export const upgrade = () => ({ reject: { status: 418 } });" };
  const versionWith = (files: Readonly<Record<string, string>>) =>
    writeArchive(filesOf({ ...policies, ...files }));
  const routes = (path: string) =>
    JSON.stringify({ routes: [{ path, upstream: server.url, policies: ["a"] }] });
  let archive = await versionWith({ "framegate.config.json": routes("/one") });
  const { url } = await startHttp(t, (_request, response) => response.end(archive));
  const dir = await makeFolder(t);
  const gateway = await startGateway(t, {
    config: { policies: "policies", source: { http: url, every: "50ms", config: true, dir } },
    routes: [],
  });
  const refuses = (path: string, status: string) =>
    t.throwsAsync(connectClient(t, gateway.url + path), { message: new RegExp(status) });
  await refuses("/one", "418");
  archive = await versionWith({
    "framegate.config.yaml": `routes: [{ path: /two, upstream: "${server.url}", policies: [a] }]`,
  });
  await gateway.logged(
    ({ msg, before }) => msg === "a version of the source is taken" && before !== undefined,
  );
  await refuses("/two", "418");
  await refuses("/one", "404");
  const refused = (why: RegExp) =>
    gateway.logged(({ msg }) => msg.startsWith("a version of the source is refused") && why.test(msg));
  archive = await versionWith({ "framegate.config.json": JSON.stringify({ console: { port: 1 } }) });
  await refused(/console: a version of a source says routes, upstreams/);
  archive = await versionWith({ "framegate.config.json": routes("three") });
  await refused(/routes\[0\]\.path: expected/);
  // A script is data that nobody asked for: the routes are those of the gateway's own config.
  archive = await versionWith({
    "framegate.config.ts": "process.exit(7);",
    "policies/b.ts": "export const client = () => {};",
  });
  await eventually("the script is not taken", async () => {
    const response = await fetch(gateway.url.replace("ws", "http") + "/two");
    return response.status === 404;
  });
  await refuses("/two", "404");
});

test("a version is taken whole: nobody gets in by the routes of one and the policies of another", async (t) => {
  const server = await startServer(t);
  const denies = (busy = "") =>
    `${busy}export const upgrade = () => ({ reject: { status: 401, body: "no" } });`;
  const passes = "export const upgrade = () => {};";
  const slow = "let x = 0; for (let i = 0; i < 5e7; i++) x += i % 7; export const y = x;\n";
  // Each alone lets nobody in.
  const guardedBy = (guard: "auth" | "zguard") =>
    writeArchive(
      filesOf({
        "policies/auth.ts": guard === "auth" ? denies() : passes,
        "policies/zguard.ts": guard === "zguard" ? denies(slow) : passes,
        "framegate.config.json": JSON.stringify({
          routes: [
            { path: "/", upstream: server.url, policies: [guard] },
            { path: "/both", upstream: server.url, policies: ["auth", "zguard"] },
          ],
        }),
      }),
    );
  let archive = await guardedBy("auth");
  const { url } = await startHttp(t, (_request, response) => response.end(archive));
  const gateway = await startGateway(t, {
    config: {
      policies: "policies",
      source: { http: url, every: "50ms", config: true, dir: await makeFolder(t) },
    },
    routes: [],
  });
  const taken = () => gateway.log.filter(({ msg }) => msg === "a version of the source is taken").length;
  const answers = new Set<string>();
  const ask = (path: string) =>
    connectClient(t, gateway.url + path).then(
      () => answers.add(`${path} lets in`),
      ({ message }: Error) => answers.add(message),
    );
  for (const guard of ["zguard", "auth"] as const) {
    const before = taken();
    archive = await guardedBy(guard);
    while (taken() === before) await Promise.all([ask("/"), ask("/both")]);
  }
  await Promise.all([ask("/"), ask("/both")]);
  t.deepEqual([...answers], ["Unexpected server response: 401"]);
});
