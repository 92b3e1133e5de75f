import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";

const tag = (name: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body + " ${name}" } });\n`;

test("a file with a route brings its own path, its chain, and itself at the chain's end", async (t) => {
  const server = await startServer(t);
  const { url } = await startGateway(t, {
    policies: {
      "listed.ts": tag("listed"),
      "drop-in.ts": `
        export const route = { path: "/own/:id", upstream: "${server.url}", policies: ["listed"], contentType: "text/plain" };
        ${tag("own")}`,
    },
    routes: [],
    config: { upstreams: { orders: { url: server.url } } },
  });
  const client = await connectClient(t, `${url}/own/1`);
  client.send("m");
  t.is(await client.next(), "m listed own");
  t.is((await refusedUpgrade(`${url}/other`)).status, 404);
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

const claim = (url: string, name: string) =>
  `export const route = { path: "/shared", upstream: "${url}" };\n${tag(name)}`;

test("two claims to one path at the start: nobody gets it, the log names both, other paths are served", async (t) => {
  const server = await startServer(t);
  const { url, logged, write, gateway } = await startGateway(t, {
    policies: { "one.ts": claim(server.url, "one"), "two.ts": claim(server.url, "two") },
    routes: [{ path: "/mine", upstream: server.url }],
  });
  t.is((await refusedUpgrade(`${url}/shared`)).status, 404);
  const { level, msg } = await logged((record) => /is claimed by/.test(record.msg));
  t.is(level, "error");
  t.regex(msg, /"\/shared" is claimed by .*one\.ts and .*two\.ts.*the path is not served/);
  await connectClient(t, `${url}/mine`);

  await write("two.ts", tag("two"));
  await logged((record) => record.msg === "policy reloaded" && record.policy === "two");
  await gateway.reload();
  const client = await connectClient(t, `${url}/shared`);
  client.send("m");
  t.is(await client.next(), "m one");
});

test("a second claim to a path that is served: who has it keeps it", async (t) => {
  const server = await startServer(t);
  const { url, logged, write, gateway } = await startGateway(t, {
    policies: { "second.ts": claim(server.url, "second") },
    routes: [],
    config: { upstreams: { orders: { url: server.url } } },
  });
  const open = await connectClient(t, `${url}/shared`);
  await write("first.ts", claim(server.url, "first"));
  await logged((record) => /is claimed by.*second\.ts keeps it/.test(record.msg));
  await gateway.reload();
  for (const client of [open, await connectClient(t, `${url}/shared`)]) {
    client.send("m");
    t.is(await client.next(), "m second");
  }
});

test("a route that is wrong is a problem in the log that names file and key; the others are served", async (t) => {
  const server = await startServer(t);
  const { url, logged } = await startGateway(t, {
    policies: {
      "wrong.ts": `export const route = { path: "/wrong", upstream: "${server.url}", onErorr: "drop" };\n${tag("wrong")}`,
    },
    routes: [{ path: "/right", upstream: server.url }],
  });
  const { level, msg } = await logged((record) => /onErorr/.test(record.msg));
  t.is(level, "error");
  t.regex(msg, /wrong\.ts.*onErorr/s);
  t.is((await refusedUpgrade(`${url}/wrong`)).status, 404);
  await connectClient(t, `${url}/right`);
});

test("a route that names a policy which is not there refuses with 503, and the log suggests the name", async (t) => {
  const server = await startServer(t);
  const { url, logged } = await startGateway(t, {
    policies: { "audit.ts": tag("audit") },
    routes: [{ path: "/", upstream: server.url, policies: ["audti"] }],
  });
  t.is((await refusedUpgrade(url)).status, 503);
  const { level } = await logged(({ msg }) => /"audti".*did you mean "audit"\?/.test(msg));
  t.is(level, "error");
});
