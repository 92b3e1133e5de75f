import test from "ava";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectRaw } from "../../support/peers/raw-client.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const noneOfThem: readonly Record<string, string>[] = [{}, { "Sec-WebSocket-Protocol": "x" }];

const relay = shareRelay(test, {
  config: { originProfiles: { shared: ["https://shared.example"] }, origins: "shared" },
  policies: {
    "deny.ts": "export const upgrade = () => ({ reject: { status: 401 } });",
    "count.ts": `export const upgrade = () => { console.log("asked"); };`,
    "user.ts": `export const upgrade = ({ request }) => ({ attributes: request.query.user ? { user: { name: request.query.user } } : {} });`,
  },
  routes: (upstream) => [
    { path: "/paged/*", upstream, origins: ["https://app.example", "same"] },
    { path: "/unsaid/*", upstream },
    { path: "/browsers/*", upstream, origins: ["*"], originRequired: true },
    { path: "/picky/*", upstream, subprotocols: { allow: ["b", "a"], prefer: ["b"], required: true } },
    { path: "/lenient/*", upstream, subprotocols: { allow: ["a"] } },
    { path: "/few/*", upstream, connections: { route: 2, retryAfter: "1500ms" } },
    { path: "/each/*", upstream, connections: { perAddress: 1 } },
    { path: "/keyed/:room", upstream, connections: { perKey: 1, key: "query:user" } },
    { path: "/by-header/*", upstream, connections: { perKey: 1, key: "header:X-Api-Key" } },
    {
      ...{ path: "/by-attribute/*", upstream, policies: ["user"] },
      connections: { perKey: 1, key: "attribute:user", retryAfter: "7s" },
      // Of the server, which says nothing when its client has gone.
      closeTimeout: "100ms",
    },
    { path: "/paced/*", upstream, policies: ["count"], upgradeRate: { upgrades: 2, per: "1h" } },
    { path: "/denied/*", upstream, policies: ["deny"], connections: { route: 1 } },
  ],
});

test("a page of an origin that is not allowed gets 403; an allowed one and what is no browser come in", async (t) => {
  const path = relay.path("paged");
  const refused = await ask(t, relay.gateway.port, upgradeHead(path, { Origin: "https://evil.example" }));
  t.is(refused.status, 403);
  t.like(await relay.gateway.logged((record) => record.path === path), {
    code: "ERR_ORIGIN",
    detail: "the origin https://evil.example is not in origins, of the route: https://app.example, same",
  });
  await t.notThrowsAsync(relay.openRaw(t, "paged", ["Origin: https://app.example"]));
  await t.notThrowsAsync(relay.openRaw(t, "paged", ["Origin: http://test"]));
  await t.notThrowsAsync(relay.openRaw(t, "paged"));
});

test("a route that says nothing of origins has those of the config, which has profiles by name", async (t) => {
  const path = relay.path("unsaid");
  const refused = await ask(t, relay.gateway.port, upgradeHead(path, { Origin: "http://test" }));
  t.is(refused.status, 403);
  t.like(await relay.gateway.logged((record) => record.path === path), {
    detail:
      "the origin http://test is not in origins, which the route does not set itself: https://shared.example",
  });
  await t.notThrowsAsync(relay.openRaw(t, "unsaid", ["Origin: https://shared.example"]));
});

test("originRequired refuses what sends no Origin", async (t) => {
  const { status } = await ask(t, relay.gateway.port, upgradeHead(relay.path("browsers")));
  t.is(status, 403);
  await t.notThrowsAsync(relay.openRaw(t, "browsers", ["Origin: https://any.example"]));
});

test("the server hears of allowed subprotocols only, preferred ones first", async (t) => {
  const { path } = await relay.openRaw(t, "picky", [
    "Sec-WebSocket-Protocol: x, a",
    "Sec-WebSocket-Protocol: b",
  ]);
  const { request } = await relay.server.upgrade(path);
  t.is(request.headers["sec-websocket-protocol"], "b, a");
});

test("a client that offers none of them gets 400 where one is required, and goes without elsewhere", async (t) => {
  for (const headers of noneOfThem) {
    const path = relay.path("picky");
    t.is((await ask(t, relay.gateway.port, upgradeHead(path, headers))).status, 400);
    t.like(await relay.gateway.logged((record) => record.path === path), { code: "ERR_SUBPROTOCOL" });
  }
  const { path } = await relay.openRaw(t, "lenient", ["Sec-WebSocket-Protocol: x"]);
  t.is((await relay.server.upgrade(path)).request.headers["sec-websocket-protocol"], undefined);
});

test("an offer that cannot be read is a bad handshake", async (t) => {
  const head = upgradeHead(relay.path("lenient"), { "Sec-WebSocket-Protocol": "a,,b" });
  t.is((await ask(t, relay.gateway.port, head)).status, 400);
});

test("one connection too many gets 429 with Retry-After, and comes in when another has ended", async (t) => {
  const first = await relay.openRaw(t, "few");
  await relay.openRaw(t, "few");
  const path = relay.path("few");
  const { status, headers } = await ask(t, relay.gateway.port, upgradeHead(path));
  t.is(status, 429);
  t.is(headers.get("retry-after"), "2");
  t.like(await relay.gateway.logged((record) => record.path === path), {
    code: "ERR_TOO_MANY_CONNECTIONS",
    detail: "connections.route: 2 are open, as many as may be",
  });
  first.client.socket.destroy();
  first.server.socket.destroy();
  await relay.ended(first.path);
  await t.notThrowsAsync(relay.openRaw(t, "few"));
});

test("connections of one address, and of one key, are counted apart", async (t) => {
  await relay.openRaw(t, "each");
  t.is((await ask(t, relay.gateway.port, upgradeHead(relay.path("each")))).status, 429);

  const open = async (query: string) => {
    const path = `${relay.path("keyed")}${query}`;
    void relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw());
    const answer = ask(t, relay.gateway.port, upgradeHead(path)).then(({ status }) => status);
    const started = relay.gateway.logged(
      ({ msg, path: logged }) => msg === "session started" && logged === path.split("?")[0],
    );
    return Promise.race([answer, started.then(() => 101)]);
  };
  t.is(await open("?user=a"), 101);
  t.is(await open("?user=b"), 101);
  t.is(await open("?user=a"), 429);
  t.is(await open(""), 101);
  t.is(await open(""), 101);
});

test("connections are limited by header, each value by itself", async (t) => {
  await relay.openRaw(t, "by-header", ["x-api-key: a"]);
  await relay.openRaw(t, "by-header", ["x-api-key: b"]);
  await relay.openRaw(t, "by-header");
  await relay.openRaw(t, "by-header");
  const head = upgradeHead(relay.path("by-header"), { "X-API-Key": "a" });
  t.is((await ask(t, relay.gateway.port, head)).status, 429);
});

test("connections are limited by an attribute of the `upgrade` hooks, before a server is asked", async (t) => {
  const open = async (query: string) => {
    const path = `${relay.path("by-attribute")}${query}`;
    const [client] = await Promise.all([
      connectRaw(t, relay.gateway.port, path),
      relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw()),
    ]);
    return { client, path: path.split("?")[0] ?? "" };
  };
  const first = await open("?user=a");
  await open("?user=b");
  await open("");
  await open("");
  const path = relay.path("by-attribute");
  const { status, headers } = await ask(t, relay.gateway.port, upgradeHead(`${path}?user=a`));
  t.is(status, 429);
  t.is(headers.get("retry-after"), "7");
  t.like(await relay.gateway.logged((record) => record.path === path), {
    code: "ERR_TOO_MANY_CONNECTIONS",
    detail: 'connections.perKey: this client\'s attribute "user" has 1 open, as many as it may',
  });
  first.client.socket.destroy();
  await relay.ended(first.path);
  await t.notThrowsAsync(open("?user=a"));
});

test("a connection that is refused later does not stay counted", async (t) => {
  for (let i = 0; i < 3; i++) {
    t.is((await ask(t, relay.gateway.port, upgradeHead(relay.path("denied")))).status, 401);
  }
});

test("more upgrades than upgradeRate allows get 429, and the time to wait; no policy is asked", async (t) => {
  await relay.openRaw(t, "paced");
  await relay.openRaw(t, "paced");
  const path = relay.path("paced");
  const { status, headers } = await ask(t, relay.gateway.port, upgradeHead(path));
  t.is(status, 429);
  const wait = Number(headers.get("retry-after"));
  t.true(wait > 1700 && wait <= 1800, String(wait));
  t.is(headers.get("ratelimit-policy"), '"upgrades";q=2;w=3600');
  t.is(headers.get("ratelimit"), `"upgrades";r=0;t=${wait}`);
  t.like(await relay.gateway.logged((record) => record.path === path), {
    code: "ERR_TOO_MANY_UPGRADES",
    detail: "upgradeRate: more than 2 in 3600000 ms by address",
  });
  const lines = relay.gateway.log.filter(({ msg, policy }) => msg === "asked" && policy === "count");
  t.is(lines.length, 2);
});
