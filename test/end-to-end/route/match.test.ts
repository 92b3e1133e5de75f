import test from "ava";
import { resolveConfig } from "../../../core/config/index.ts";
import type { RouteInput } from "../../../core/index.ts";
import { at } from "../../support/at.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";

const nameIt = (name: string) => (socket: { send(text: string): void }) => socket.send(name);

test("routes that share a path: by host, then by header; each with a name of its own", async (t) => {
  const start = (name: string) => startServer(t, nameIt(name));
  const [any, one, wild, two] = await Promise.all([start("any"), start("one"), start("wild"), start("two")]);
  const gateway = await startGateway(t, {
    routes: [
      { path: "/chat", upstream: any.url },
      { path: "/chat", upstream: one.url, match: { host: "one.example" } },
      { path: "/chat", upstream: wild.url, match: { host: "*.example" } },
      {
        path: "/chat",
        upstream: two.url,
        name: "second",
        match: { host: "one.example", headers: { "X-V": "2" } },
      },
    ],
  });
  const reach = async (headers: Record<string, string>) =>
    (await connectClient(t, `${gateway.url}/chat`, { headers })).next();

  t.is(await reach({}), "any");
  t.is(await reach({ Host: "One.example:8080" }), "one");
  t.is(await reach({ Host: "other.example" }), "wild");
  t.is(await reach({ Host: "one.example", "X-V": "2" }), "two");
  const started = gateway.log.filter(({ msg }) => msg === "session started").map(({ route }) => route);
  t.deepEqual(started, ["/chat", "one.example/chat", "*.example/chat", "second"]);
});

test("settings by the network of the client: that which a trusted proxy tells of", async (t) => {
  const [all, office] = await Promise.all([startServer(t, nameIt("all")), startServer(t, nameIt("office"))]);
  const chat: RouteInput = { path: "/chat", upstream: all.url };
  const gateway = await startGateway(t, {
    routes: [chat, { ...chat, upstream: office.url, name: "office", match: { client: "203.0.113.0/24" } }],
    config: { trustedProxies: ["127.0.0.1"] },
  });
  const reach = async (address: string) =>
    (await connectClient(t, `${gateway.url}/chat`, { headers: { "X-Forwarded-For": address } })).next();
  t.deepEqual([await reach("203.0.113.7"), await reach("203.0.114.7")], ["office", "all"]);
});

test("a disabled route answers 404, upgrade or not, and leaves nothing to a wider one", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [
      { path: "/off", upstream: server.url, enabled: false },
      { path: "/*", upstream: server.url },
    ],
  });
  t.is((await refusedUpgrade(`${gateway.url}/off`)).status, 404);
  t.like(await gateway.logged(({ msg }) => msg === "upgrade refused"), {
    code: "ERR_NO_ROUTE",
    route: "/off",
    detail: "the route /off is disabled",
  });
  const plain = (path: string) => fetch(`http://127.0.0.1:${gateway.port}${path}`);
  t.is((await plain("/off")).status, 404);
  t.is((await plain("/on")).status, 426);
});

test("a reload that disables a route closes its open sessions with 1001, and no others", async (t) => {
  const server = await startServer(t);
  const routes = (enabled: boolean): RouteInput[] => [
    { path: "/a", upstream: server.url, enabled },
    { path: "/b", upstream: server.url },
  ];
  const gateway = await startGateway(t, { routes: routes(true) });
  const a = await connectClient(t, `${gateway.url}/a`);
  const b = await connectClient(t, `${gateway.url}/b`);
  await gateway.gateway.reload(resolveConfig({ listen: [{ port: 0 }], routes: routes(false) }, { dir: "/" }));
  t.deepEqual(await a.closed, { code: 1001, reason: "route is disabled" });
  t.is((await refusedUpgrade(`${gateway.url}/a`)).status, 404);
  b.send("still here");
  t.is(await b.next(), "still here");

  await gateway.gateway.reload(resolveConfig({ listen: [{ port: 0 }], routes: routes(true) }, { dir: "/" }));
  await t.notThrowsAsync(connectClient(t, `${gateway.url}/a`));
});

const mark = (name: string) => `
  export const upgrade = () => ({ headers: { "x-${name}": "upgrade" } });
  export const client = ({ content }) => ({ content: { body: content.body + " ${name}:client" } });
  export const server = ({ content }) => ({ content: { body: content.body + " ${name}:server" } });`;

test("a policy can be switched off, whole or hook by hook, also while connections are open", async (t) => {
  const server = await startServer(t);
  const config = (enabled: boolean): RouteInput[] => [
    {
      path: "/a",
      upstream: server.url,
      contentType: "text/plain",
      policies: [
        { use: "one", enabled },
        { use: "two", hooks: ["client"] },
      ],
    },
  ];
  const gateway = await startGateway(t, {
    policies: { "one.ts": mark("one"), "two.ts": mark("two") },
    routes: config(false),
  });
  const client = await connectClient(t, `${gateway.url}/a`);
  const { headers } = at(server.requests, 0);
  t.is(headers["x-one"], undefined);
  t.is(headers["x-two"], undefined);
  client.send("hi");
  t.is(await client.next(), "hi two:client");

  await gateway.gateway.reload(resolveConfig({ listen: [{ port: 0 }], routes: config(true) }, { dir: "/" }));
  client.send("hi");
  t.is(await client.next(), "hi one:client two:client one:server");
});

test("an upgrade without Host goes to a route without one", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/a", upstream: server.url, match: { host: "a.example" } }],
  });
  t.is((await ask(t, gateway.port, upgradeHead("/a"))).status, 404);
});
