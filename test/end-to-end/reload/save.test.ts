import { mkdir, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";
import { askUntil, startPolicies } from "../../support/policies.ts";

/** Adds its mark to what the client sends; the server sends it back. */
const mark = (text: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body + " ${text}" } });\n`;

test("a save in place reaches an open connection", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "mark.ts": mark("v1") });
  const client = await connect();
  client.send("m");
  t.is(await client.next(), "m v1");
  await gateway.write("mark.ts", mark("v2"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m v1"), "m v2");
  t.like(await gateway.logged(({ msg }) => msg === "policy reloaded"), { policy: "mark", level: "info" });
});

test("a save by renaming a new file over the old one does too", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "mark.ts": mark("v1") });
  const client = await connect();
  for (const version of ["v2", "v3"]) {
    const file = join(gateway.dir, "mark.ts");
    await writeFile(`${file}.tmp`, mark(version));
    await rename(`${file}.tmp`, file);
    t.is(await askUntil(client, "m", (answer) => answer.endsWith(version)), `m ${version}`);
  }
});

test("a change of a file that the policy imports, and of one that this imports, inside and outside the folder", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "mark.ts": mark("v0") });
  await gateway.write(
    "_shared/mark.ts",
    'import { text } from "../../outside.ts";\nexport const shared = "s1 " + text;',
  );
  await gateway.write("../outside.ts", 'export const text = "o1";');
  await gateway.write(
    "mark.ts",
    `import { shared } from "./_shared/mark.ts";
     export const client = ({ content }) => ({ content: { body: content.body + " " + shared } });`,
  );
  const client = await connect();
  t.is(await askUntil(client, "m", (answer) => answer !== "m v0"), "m s1 o1");
  await gateway.write("../outside.ts", 'export const text = "o2";');
  t.is(await askUntil(client, "m", (answer) => answer !== "m s1 o1"), "m s1 o2");
  await gateway.write("_shared/mark.ts", 'export const shared = "s2";');
  t.is(await askUntil(client, "m", (answer) => answer !== "m s1 o2"), "m s2");
});

test('with "*" a new file joins the chain of open connections, a deleted one leaves, a renamed one is both', async (t) => {
  const { connect, gateway } = await startPolicies(t, { "b.ts": mark("b") }, { route: { policies: "*" } });
  const client = await connect();
  await gateway.write("c.ts", mark("c"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m b"), "m b c");
  await gateway.write("sub/a.ts", mark("sub/a"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m b c"), "m b c sub/a");
  await unlink(join(gateway.dir, "c.ts"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m b c sub/a"), "m b sub/a");
  await rename(join(gateway.dir, "b.ts"), join(gateway.dir, "x.ts"));
  t.is(await askUntil(client, "m", (answer) => answer === "m sub/a b"), "m sub/a b");
  await rename(gateway.dir, `${gateway.dir}.away`);
  await gateway.logged(({ level, msg }) => level === "error" && msg.includes("is gone: what it held stays"));
  client.send("m");
  t.is(await client.next(), "m sub/a b");
  await rename(`${gateway.dir}.away`, gateway.dir);
  await gateway.write("x.ts", mark("c"));
  t.is(await askUntil(client, "m", (answer) => answer.endsWith("c")), "m sub/a c");
});

test("a policy that a route names keeps its last version when its file is deleted, and comes back with it", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "mark.ts": mark("v1") });
  const client = await connect();
  await unlink(join(gateway.dir, "mark.ts"));
  const { level } = await gateway.logged(({ msg }) =>
    /"mark", whose file is gone; its last version/.test(msg),
  );
  t.is(level, "error");
  for (const asked of [client, await connect()]) {
    asked.send("m");
    t.is(await asked.next(), "m v1");
  }
  await gateway.write("mark.ts", mark("v2"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m v1"), "m v2");
});

test("a folder that is not there yet is found when it appears", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url, policies: "*" }],
  });
  const client = await connectClient(t, gateway.url);
  client.send("m");
  t.is(await client.next(), "m");
  await mkdir(gateway.dir, { recursive: true });
  await gateway.write("mark.ts", mark("v1"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m"), "m v1");
});

test("a folder that is replaced as a whole: a symlink pointed elsewhere, as a deployment does", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url, policies: "*" }],
  });
  await gateway.write("../releases/1/mark.ts", mark("release 1"));
  await gateway.write("../releases/2/mark.ts", mark("release 2"));
  await symlink("releases/1", gateway.dir);
  const client = await connectClient(t, gateway.url);
  t.is(await askUntil(client, "m", (answer) => answer !== "m"), "m release 1");
  await symlink("releases/2", `${gateway.dir}.new`);
  await rename(`${gateway.dir}.new`, gateway.dir);
  t.is(await askUntil(client, "m", (answer) => answer !== "m release 1"), "m release 2");
});

test("of 200 quick saves the last one wins, and no version comes twice", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "mark.ts": mark("0") });
  const client = await connect();
  const seen: number[] = [];
  const saving = (async () => {
    for (let version = 1; version <= 200; version++) await gateway.write("mark.ts", mark(String(version)));
  })();
  const note = (answer: string): boolean => {
    const version = Number(answer.split(" ")[1]);
    if (seen.at(-1) !== version) seen.push(version);
    return version === 200;
  };
  await askUntil(client, "m", note);
  await saving;
  await gateway.gateway.reload();
  client.send("m");
  t.true(note(String(await client.next())));
  t.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});

test("session state goes along to each new version, from policy to policy by its name", async (t) => {
  const counter = (version: string) => `
    export const client = ({ content, session }) => {
      session.count = (session.count ?? 0) + 1;
      return { content: { body: "${version} " + session.count } };
    };`;
  const { connect, gateway } = await startPolicies(t, { "count.ts": counter("v1") });
  const [one, other] = [await connect(), await connect()];
  one.send("m");
  other.send("m");
  t.deepEqual([await one.next(), await other.next()], ["v1 1", "v1 1"]);
  let count = 1;
  for (const version of ["v2", "v3"]) {
    await gateway.write("count.ts", counter(version));
    await askUntil(one, "m", (answer) => {
      t.is(answer.split(" ")[1], String(++count));
      return answer.startsWith(version);
    });
  }
  other.send("m");
  t.is(await other.next(), "v3 2");
});
