import test from "ava";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer, type TestServer } from "../../support/peers/peers.ts";

const tag = (name: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body + " ${name}" } });\n`;

const claim = (path: string, url: string, name: string) =>
  `export const route = { path: "${path}", upstream: "${url}" };\n${tag(name)}`;

/** All tests but that of "*", which is every policy of a folder, share a gateway: each has its own files and paths. */
let server: TestServer;
let shared: TestGateway;
const teardowns: (() => unknown)[] = [];

test.before(async () => {
  const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };
  server = await startServer(scope);
  const upstream = server.url;
  shared = await startGateway(scope, {
    policies: {
      "listed.ts": tag("listed"),
      "drop-in.ts": `
        export const route = { path: "/own/:id", upstream: "${upstream}", policies: ["listed"], contentType: "text/plain" };
        ${tag("own")}`,
      "one.ts": claim("/shared", upstream, "one"),
      "two.ts": claim("/shared", upstream, "two"),
      "second.ts": claim("/kept", upstream, "second"),
      "wrong.ts": `export const route = { path: "/wrong", upstream: "${upstream}", onErorr: "drop" };\n${tag("wrong")}`,
      "audit.ts": tag("audit"),
    },
    routes: [
      { path: "/right", upstream },
      { path: "/", upstream, policies: ["audti"] },
    ],
  });
});

test.after.always(async () => {
  for (const teardown of teardowns.reverse()) await teardown();
});

test("a file with a route brings its own path, its chain, and itself at the chain's end", async (t) => {
  const client = await connectClient(t, `${shared.url}/own/1`);
  client.send("m");
  t.is(await client.next(), "m listed own");
  t.is((await refusedUpgrade(`${shared.url}/other`)).status, 404);
});

test('"*" is every policy without a route of its own, by name', async (t) => {
  const server = await startServer(t);
  const { url } = await startGateway(t, {
    policies: {
      "b.ts": tag("b"),
      "a.ts": tag("a"),
      "sub/c.ts": tag("c"),
      "_shared.ts": tag("shared"),
      "own.ts": `export const route = { path: "/own", upstream: "${server.url}" };\n${tag("own")}`,
    },
    routes: [{ path: "/*", upstream: server.url, policies: "*" }],
  });
  const client = await connectClient(t, `${url}/x`);
  client.send("m");
  t.is(await client.next(), "m a b c");
  const own = await connectClient(t, `${url}/own`);
  own.send("m");
  t.is(await own.next(), "m own");
});

test("two claims to one path at the start: nobody gets it, the log names both, other paths are served", async (t) => {
  const { url, logged, write, gateway } = shared;
  t.is((await refusedUpgrade(`${url}/shared`)).status, 404);
  const { level, msg } = await logged((record) => /"\/shared" is claimed by/.test(record.msg));
  t.is(level, "error");
  t.regex(msg, /"\/shared" is claimed by .*one\.ts and .*two\.ts.*the path is not served/);
  await connectClient(t, `${url}/right`);

  await write("two.ts", tag("two"));
  await logged((record) => record.msg === "policy reloaded" && record.policy === "two");
  await gateway.reload();
  const client = await connectClient(t, `${url}/shared`);
  client.send("m");
  t.is(await client.next(), "m one");
});

test("a second claim to a path that is served: who has it keeps it", async (t) => {
  const { url, logged, write, gateway } = shared;
  const open = await connectClient(t, `${url}/kept`);
  await write("first.ts", claim("/kept", server.url, "first"));
  await logged((record) => /"\/kept" is claimed by.*second\.ts keeps it/.test(record.msg));
  await gateway.reload();
  for (const client of [open, await connectClient(t, `${url}/kept`)]) {
    client.send("m");
    t.is(await client.next(), "m second");
  }
});

test("a route that is wrong is a problem in the log that names file and key; the others are served", async (t) => {
  const { url, logged } = shared;
  const { level, msg } = await logged((record) => /onErorr/.test(record.msg));
  t.is(level, "error");
  t.regex(msg, /wrong\.ts.*onErorr/s);
  t.is((await refusedUpgrade(`${url}/wrong`)).status, 404);
  await connectClient(t, `${url}/right`);
});

test("a route that names a policy which is not there refuses with 503, and the log suggests the name", async (t) => {
  const { url, logged } = shared;
  t.is((await refusedUpgrade(url)).status, 503);
  const { level } = await logged(({ msg }) => /"audti".*did you mean "audit"\?/.test(msg));
  t.is(level, "error");
});
