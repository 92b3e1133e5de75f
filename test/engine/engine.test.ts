import test from "ava";
import { connectClient, echo, refusedUpgrade, startServer, type TestClient } from "../support/peers/peers.ts";
import { startUpgradeServer } from "../support/servers/upgrade-server.ts";
import { planOf, startEngine } from "./support.ts";

const saying = (word: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body + " ${word}" } });`;
const text = { contentType: "text/plain" } as const;
const drain = { code: 1001, spreadMs: 0, timeoutMs: 2000 } as const;

async function ask(client: TestClient): Promise<unknown> {
  client.send("m");
  return client.next();
}

test("a plan reaches the sessions that are open, and what no plan names any more is unloaded", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url, removed } = await startEngine(t);
  const route = { path: "/", upstream: server.url, ...text };

  t.deepEqual(await engine.apply(await planOf([{ ...route, policies: ["a"] }], { a: saying("one") })), []);
  const client = await connectClient(t, url);
  t.is(await ask(client), "m one");
  await engine.apply(await planOf([{ ...route, policies: ["a"] }], { a: saying("two") }));
  t.is(await ask(client), "m two");
  await engine.apply(await planOf([{ ...route, policies: ["b", "a"] }], { b: saying("b") }));
  t.is(await ask(client), "m b two");
  await engine.apply(await planOf([{ ...route, policies: ["b"] }]));
  t.is(await ask(client), "m b");
  // The session sits in it until it ends: its `close` hook is still to come.
  t.deepEqual(removed, []);
  client.close();
  await client.closed;
  await engine.stop(drain);
  t.deepEqual(removed, ["a"]);
});

test("a version that does not load is told, leaves the one before in place, and holds nothing else up", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url } = await startEngine(t);
  const routes = [{ path: "/", upstream: server.url, policies: ["a", "b"], ...text }];
  await engine.apply(await planOf(routes, { a: saying("a1"), b: saying("b1") }));
  const client = await connectClient(t, url);
  t.is(await ask(client), "m a1 b1");

  const plan = await planOf(routes, { a: 'throw new Error("not ready");', b: saying("b2") });
  const failures = await engine.apply(plan);
  t.deepEqual(
    failures.map(({ policy, version }) => ({ policy, version })),
    [{ policy: "a", version: plan.bundles[0]?.version }],
  );
  t.regex(failures[0]?.message ?? "", /not ready/);
  t.is(await ask(client), "m a1 b2");
});

test("a policy that never loaded refuses its route's connections", async (t) => {
  const { engine, url } = await startEngine(t);
  const routes = [{ path: "/", upstream: "ws://127.0.0.1:1", policies: ["a"] }];
  t.is((await engine.apply(await planOf(routes, { a: "throw 1;" }))).length, 1);
  t.is((await refusedUpgrade(url)).status, 503);
});

test("a removed route takes no connections; its open ones are closed within its time, with their policies until then", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url, removed } = await startEngine(t);
  const route = { path: "/", upstream: server.url, policies: ["a"], recycleSpread: "1h", ...text } as const;
  await engine.apply(await planOf([route], { a: saying("one") }));
  const client = await connectClient(t, url);
  await engine.apply(await planOf([]));
  t.is((await refusedUpgrade(url)).status, 404);
  t.is(await ask(client), "m one");

  // It comes back: what its policies are now is for its old connection, too.
  await engine.apply(await planOf([route], { a: saying("two") }));
  t.is(await ask(client), "m two");
  await engine.apply(await planOf([{ ...route, recycleSpread: 0 }]));
  t.deepEqual(removed, []);
  await engine.apply(await planOf([]));
  t.deepEqual(await client.closed, { code: 1001, reason: "route is removed" });
  await engine.stop(drain);
  t.deepEqual(removed, ["a"]);
});

test("a connection whose route is removed while its upgrade is on its way ends as soon as it is there", async (t) => {
  const waiting = await startUpgradeServer(t);
  const { engine, url } = await startEngine(t);
  await engine.apply(await planOf([{ path: "/", upstream: waiting.url, recycleSpread: 0 }]));
  const connecting = connectClient(t, url);
  const upgrade = await waiting.upgrade("/");
  await engine.apply(await planOf([]));
  await upgrade.accept();
  t.deepEqual(await (await connecting).closed, { code: 1001, reason: "route is removed" });
});

test("a route that is switched off closes its sessions, those whose upgrade was on its way, and no others", async (t) => {
  const [server, waiting] = [await startServer(t, echo), await startUpgradeServer(t)];
  const { engine, url, events } = await startEngine(t);
  const routes = (enabled: boolean) => [
    { path: "/on", upstream: server.url },
    { path: "/off", upstream: server.url, enabled },
    { path: "/slow", upstream: waiting.url, enabled },
  ];
  await engine.apply(await planOf(routes(true)));
  const [on, off] = [await connectClient(t, `${url}/on`), await connectClient(t, `${url}/off`)];
  const connecting = connectClient(t, `${url}/slow`);
  const upgrade = await waiting.upgrade("/slow");
  await engine.apply(await planOf(routes(false)));
  await upgrade.accept();
  const slow = await connecting;

  const end = { code: 1001, reason: "route is disabled" };
  t.deepEqual([await off.closed, await slow.closed], [end, end]);
  t.is((await refusedUpgrade(`${url}/off`)).status, 404);
  t.is(await ask(on), "m");
  await engine.apply(await planOf(routes(true)));
  t.is(await ask(await connectClient(t, `${url}/off`)), "m");
  const causes = events.flatMap((event) => (event.type === "session-end" ? [event.cause] : []));
  t.deepEqual(causes, ["route-disabled", "route-disabled"]);
});

test("the same plan twice is no reload; one that differs is", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url } = await startEngine(t);
  const recycle = { reload: "recycle", recycleSpread: 0 } as const;
  const routes = (maxMessageSize: number) => [
    { path: "/recycled", upstream: server.url, maxMessageSize, ...recycle },
    { path: "/same", upstream: server.url, ...recycle },
  ];
  await engine.apply(await planOf(routes(1000)));
  const [recycled, same] = await Promise.all(
    ["/recycled", "/same"].map((path) => connectClient(t, url + path)),
  );
  await engine.apply(await planOf(routes(1000)));
  t.is(await ask(recycled!), "m");
  await engine.apply(await planOf(routes(2000)));
  t.deepEqual(await recycled!.closed, { code: 1012, reason: "route reloaded" });
  t.is(await ask(same!), "m");
});

test("plans come into force in the order in which they came", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url } = await startEngine(t);
  const route = { path: "/", upstream: server.url, policies: ["a"], ...text };
  const [slow, quick] = [
    await planOf([route], {
      a: `const until = Date.now() + 200; while (Date.now() < until); ${saying("slow")}`,
    }),
    await planOf([route], { a: saying("quick") }),
  ];
  await Promise.all([engine.apply(slow), engine.apply(quick)]);
  t.is(await ask(await connectClient(t, url)), "m quick");
});

test("a drain closes what is open, and what was on its way as soon as it is there; new requests are refused", async (t) => {
  const [server, waiting] = [await startServer(t, echo), await startUpgradeServer(t)];
  const { engine, url, events } = await startEngine(t);
  await engine.apply(
    await planOf([
      { path: "/", upstream: server.url },
      { path: "/slow", upstream: waiting.url },
    ]),
  );
  const [first, second] = [await connectClient(t, url), await connectClient(t, url)];
  const connecting = connectClient(t, `${url}/slow`);
  const upgrade = await waiting.upgrade("/slow");

  // The second's turn would come in half a minute: until it leaves by itself the engine goes on.
  const stopped = engine.stop({ code: 1012, spreadMs: 60_000, timeoutMs: 0 });
  const goodbye = { code: 1012, reason: "gateway is stopping" };
  t.deepEqual(await first.closed, goodbye);
  await upgrade.accept();
  t.deepEqual(await (await connecting).closed, goodbye);
  t.is(await ask(second), "m");
  await t.throwsAsync(connectClient(t, url));
  t.deepEqual(
    engine.traffic().map(({ route, sessions }) => ({ route, sessions })),
    [
      { route: "/", sessions: 1 },
      { route: "/slow", sessions: 0 },
    ],
  );
  second.close(1000);
  await stopped;
  const causes = events.flatMap((event) => (event.type === "session-end" ? [event.cause] : []));
  t.deepEqual(causes, ["drain", "drain", "peer"]);
});

test("a drain cuts off, in the end, who does not close", async (t) => {
  const server = await startUpgradeServer(t);
  const { engine, url, events } = await startEngine(t);
  await engine.apply(await planOf([{ path: "/", upstream: server.url, closeTimeout: 0 }]));
  const connecting = connectClient(t, url);
  // It reads nothing, so that no Close of its own ever comes.
  (await server.upgrade("/")).acceptRaw();
  const client = await connecting;
  await engine.stop({ code: 1001, spreadMs: 0, timeoutMs: 1 });
  t.is((await client.closed).code, 1001);
  t.is(engine.sessions().total, 0);
  t.is(events.filter(({ type }) => type === "session-end").length, 1);
});

test("an operator's close ends one session, once", async (t) => {
  const server = await startServer(t, echo);
  const { engine, url } = await startEngine(t);
  await engine.apply(await planOf([{ path: "/", upstream: server.url }]));
  const [client, other] = [await connectClient(t, url), await connectClient(t, url)];
  const session = engine.sessions().sessions.at(-1);
  const status = { code: 4000, reason: "enough" };
  t.true(engine.closeSession(session!.id, status));
  t.deepEqual(await client.closed, status);
  t.is(await ask(other), "m");
  t.false(engine.closeSession("none", status));
});

test("a renewal puts off the expiry that a connection has of before the options of its policy changed", async (t) => {
  const { url: upstream } = await startServer(t, echo);
  const { engine, url, events } = await startEngine(t);
  const source = `
    export const upgrade = () => ({ expires: Date.now() + 1e6 });
    export const client = () => ({ drop: true, renew: true });
    export const renew = () => ({ expires: Date.now() + 1e9, toClient: ["renewed"] });`;
  const plan = await planOf([{ path: "/*", upstream, policies: ["a"], contentType: "text/plain" }], {
    a: source,
  });
  await engine.apply(plan);
  const client = await connectClient(t, url);
  const routes = plan.routes.map((route) => ({
    ...route,
    chain: route.chain.map((binding) => ({ ...binding, options: { newDefault: 0 } })),
  }));
  const begun = Date.now();
  await engine.apply({ ...plan, bundles: [], routes });
  client.send("a newer token");
  t.is(String(await client.next()), "renewed");
  const renewed = events.find(({ type }) => type === "session-renewed") as { readonly expires?: number };
  t.true((renewed.expires ?? 0) >= begun + 1e9);
});

test("no message that has a span tells a secret that its policy tells", async (t) => {
  const server = await startServer(t, echo);
  const traces = { endpoint: "http://127.0.0.1:1/v1/traces", messages: 1 };
  const { engine, url, events } = await startEngine(t, { telemetry: { traces } });
  const routes = [{ path: "/", upstream: server.url, policies: ["a"], onError: "pass" as const, ...text }];
  const source = `export const client = async ({ secrets }) => { throw new Error("bad " + await secrets.get("KEY")); };`;
  const plan = await planOf(routes, { a: source });
  const capabilities = { grants: { a: { secrets: ["KEY"] } }, secrets: { KEY: "hunter2-of-the-engine" } };
  t.deepEqual(await engine.apply({ ...plan, capabilities }), []);
  await ask(await connectClient(t, url));
  const traced = events.find((event) => event.type === "message-traced");
  t.regex(traced?.steps[0]?.detail ?? "", /bad \[redacted\]/);
});
