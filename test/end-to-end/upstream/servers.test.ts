import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import type { UpstreamInput } from "../../../core/config/generated/config-input.ts";
import { at } from "../../support/at.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade } from "../../support/peers/peers.ts";
import { deadUrl, silentUrl, startNumbered } from "../../support/servers/upstreams.ts";

/** Which server answers a new connection. */
async function ask(t: ExecutionContext, gateway: TestGateway, path = "/", headers = {}): Promise<string> {
  const client = await connectClient(t, gateway.url + path, { headers });
  const answer = String(await client.next());
  client.close();
  await client.closed;
  return answer;
}

async function askTimes(t: ExecutionContext, gateway: TestGateway, times: number): Promise<string> {
  let answers = "";
  for (let i = 0; i < times; i++) answers += await ask(t, gateway);
  return answers;
}

function start(t: ExecutionContext, upstream: UpstreamInput, route: object = {}): Promise<TestGateway> {
  return startGateway(t, { routes: [{ path: "/*", upstream, ...route }] });
}

test("round robin by weight, exactly", async (t) => {
  const [a, b] = await startNumbered(t);
  const gateway = await start(t, { targets: [{ url: a.url, weight: 3 }, { url: b.url }] });
  t.is(await askTimes(t, gateway, 12), "001000100010");
});

test("two routes that name one upstream share its turns", async (t) => {
  const [a, b] = await startNumbered(t);
  const gateway = await startGateway(t, {
    config: { upstreams: { pair: { targets: [{ url: a.url }, { url: b.url }] } } },
    routes: ["/a", "/b"].map((path) => ({ path, upstream: "pair" })),
  });
  t.is((await ask(t, gateway, "/a")) + (await ask(t, gateway, "/b")), "01");
});

test("least connections goes to the server with fewest", async (t) => {
  const [a, b] = await startNumbered(t);
  const gateway = await start(t, { targets: [{ url: a.url }, { url: b.url }], balance: "least-connections" });
  const first = await connectClient(t, gateway.url);
  const busy = String(await first.next());
  const idle = busy === "0" ? "1" : "0";
  const second = await connectClient(t, gateway.url);
  t.is(String(await second.next()), idle);
  first.close();
  await gateway.logged(({ msg }) => msg === "session ended");
  t.is(await ask(t, gateway), busy);
});

test("fastest leaves a slow server alone once it is known", async (t) => {
  const silent = await silentUrl(t);
  const [a] = await startNumbered(t);
  const gateway = await start(
    t,
    { targets: [{ url: silent }, { url: a.url }], balance: "fastest", retry: { attempts: 1 } },
    { handshakeTimeout: "2s" },
  );
  // Whichever is asked first, each has been asked after two connections.
  t.is(await askTimes(t, gateway, 6), "000000");
});

for (const [hash, of] of [
  ["header:x-user", (user: string) => ({ path: "/", headers: { "x-user": user } })],
  ["param:user", (user: string) => ({ path: `/?user=${user}`, headers: {} })],
] as const) {
  test(`hash of ${hash}: a user stays at one server, and users spread`, async (t) => {
    const servers = await startNumbered(t);
    const gateway = await start(t, { targets: servers.map(({ url }) => ({ url })), balance: { hash } });
    const users = Array.from({ length: 24 }, (_, index) => `user-${index}`);
    const homes = new Set<string>();
    for (const user of users) {
      const { path, headers } = of(user);
      const home = await ask(t, gateway, path, headers);
      t.is(await ask(t, gateway, path, headers), home);
      homes.add(home);
    }
    t.is(homes.size, 3);
  });
}

test("hash of an attribute that a policy sets", async (t) => {
  const servers = await startNumbered(t);
  const gateway = await startGateway(t, {
    policies: {
      "user.ts": `export const upgrade = ({ request }) => ({ attributes: { user: request.query.u } });`,
    },
    routes: [
      {
        path: "/*",
        policies: ["user"],
        upstream: { targets: servers.map(({ url }) => ({ url })), balance: { hash: "attribute:user" } },
      },
    ],
  });
  const homes = new Set<string>();
  for (let user = 0; user < 12; user++) {
    const home = await ask(t, gateway, `/?u=${user}`);
    t.is(await ask(t, gateway, `/?u=${user}`), home);
    homes.add(home);
  }
  t.true(homes.size > 1);
});

test("a server that is dead costs no client its connection, and is ejected", async (t) => {
  const dead = await deadUrl();
  const [a] = await startNumbered(t);
  const gateway = await start(t, { targets: [{ url: dead }, { url: a.url }], health: { failures: 2 } });
  t.is(await askTimes(t, gateway, 8), "00000000");
  const down = gateway.log.filter(({ msg }) => msg === "server gets no new connections");
  t.is(down.length, 1);
  t.like(down[0], { level: "warn", upstream: "route /*", target: dead });
  t.regex(String(at(down, 0).reason), /ECONNREFUSED/);
});

test("a server that hangs costs no client its connection", async (t) => {
  const silent = await silentUrl(t);
  const [a] = await startNumbered(t);
  const gateway = await start(
    t,
    { targets: [{ url: silent }, { url: a.url }], health: { failures: 1 } },
    { handshakeTimeout: "2s" },
  );
  t.is(await askTimes(t, gateway, 4), "0000");
});

test("all attempts together stay within connectTimeout and handshakeTimeout", async (t) => {
  const targets = await Promise.all(Array.from({ length: 50 }, () => silentUrl(t)));
  const gateway = await start(
    t,
    { targets: targets.map((url) => ({ url })), retry: { attempts: 100 } },
    { connectTimeout: "200ms", handshakeTimeout: "200ms" },
  );
  t.is((await refusedUpgrade(gateway.url)).status, 504);
  const { durationMs } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  // One attempt after the other would take 10 seconds.
  t.true(Number(durationMs) < 5_000, `${durationMs}`);
});

test("retry: { attempts: 0 } gives the client the first failure; a refusal is no failure", async (t) => {
  const dead = await deadUrl();
  const [a] = await startNumbered(t);
  const without = await start(t, {
    targets: [{ url: dead, weight: 2 }, { url: a.url }],
    retry: { attempts: 0 },
  });
  t.is((await refusedUpgrade(without.url)).status, 502);

  const [refusing, other] = await startNumbered(t);
  refusing.wss.options.verifyClient = (_info: unknown, done: (ok: boolean, code: number) => void) =>
    done(false, 403);
  const refused = await start(t, {
    targets: [{ url: refusing.url }, { url: other.url }],
    health: { failures: 1 },
  });
  t.is((await refusedUpgrade(refused.url)).status, 403);
  t.is(await ask(t, refused), "1");
  t.is((await refusedUpgrade(refused.url)).status, 403);
});

test("the next priority takes over, and all are tried when none is healthy", async (t) => {
  const dead = await deadUrl();
  const [spare] = await startNumbered(t);
  const gateway = await start(t, {
    targets: [{ url: dead }, { url: spare.url, priority: 1 }],
    // None comes back meanwhile, however long this takes.
    health: { failures: 1, eject: "1h", maxEject: "1h" },
    retry: { attempts: 0 },
  });
  t.is((await refusedUpgrade(gateway.url)).status, 502);
  t.is(await askTimes(t, gateway, 3), "000");

  const gone = await start(t, { url: dead, health: { failures: 1 } });
  for (let i = 0; i < 3; i++) t.is((await refusedUpgrade(gone.url)).status, 502);
  const tries = gone.log.filter(({ msg }) => msg === "upgrade refused");
  t.deepEqual(
    tries.map(({ code }) => code),
    Array(3).fill("ERR_UPSTREAM_UNREACHABLE"),
  );
});

test("maxConnections: 503 with Retry-After until a session has ended", async (t) => {
  const [a] = await startNumbered(t);
  const gateway = await start(t, { url: a.url, maxConnections: 2 });
  const clients = [await connectClient(t, gateway.url), await connectClient(t, gateway.url)];
  const refused = await refusedUpgrade(gateway.url);
  t.is(refused.status, 503);
  t.is(refused.headers["retry-after"], "1");
  t.like(await gateway.logged(({ msg }) => msg === "upgrade refused"), { code: "ERR_UPSTREAM_BUSY" });
  at(clients, 0).ws.terminate();
  await gateway.logged(({ msg }) => msg === "session ended");
  t.is(await ask(t, gateway), "0");
});

test("a client that leaves during the dial gives its place back", async (t) => {
  const [a] = await startNumbered(t);
  const gateway = await start(t, { url: a.url, maxConnections: 1 });
  const client = new WebSocket(gateway.url);
  client.on("error", () => {});
  await new Promise<void>((resolve) => {
    a.wss.options.verifyClient = (_info: unknown, _done: unknown) => resolve();
  });
  client.terminate();
  await gateway.logged(({ code }) => code === "ERR_UPSTREAM_ABORTED");
  a.wss.options.verifyClient = undefined;
  t.is(await ask(t, gateway), "0");
});

test("a refusal of the server gives its place back", async (t) => {
  const [a] = await startNumbered(t);
  let isRefusing = true;
  a.wss.options.verifyClient = () => !isRefusing;
  const gateway = await start(t, { url: a.url, maxConnections: 1 });
  for (let i = 0; i < 3; i++) t.is((await refusedUpgrade(gateway.url)).status, 401);
  isRefusing = false;
  t.is(await ask(t, gateway), "0");
});

test("queue: a connection waits for the end of another", async (t) => {
  const [a] = await startNumbered(t);
  const gateway = await start(t, { url: a.url, maxConnections: 1, queue: { size: 1, timeout: "60s" } });
  const first = await connectClient(t, gateway.url);
  const rivals = [ask(t, gateway), ask(t, gateway)];
  const outcomes = Promise.allSettled(rivals);
  // One is in the queue when the other finds no room there.
  await gateway.logged(({ msg, code }) => msg === "upgrade refused" && code === "ERR_UPSTREAM_BUSY");
  first.close();
  t.deepEqual((await outcomes).map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

test("onFailure: another upstream stands in for one that is dead, full or unhealthy, on and on; its refusals stay", async (t) => {
  const [a, b, c] = await startNumbered(t);
  const dead = await deadUrl();
  const gateway = await startGateway(t, {
    config: {
      console: { port: 0, token: false },
      upstreams: {
        dead: { targets: [{ url: dead }], health: { failures: 2, eject: "5m" }, onFailure: "full" },
        full: { url: b.url, maxConnections: 1, onFailure: "last" },
        last: { url: c.url },
      },
    },
    routes: [
      { path: "/*", upstream: "dead" },
      { path: "/own", upstream: { url: a.url, onFailure: "last" } },
    ],
  });
  const first = await connectClient(t, gateway.url);
  t.is(await first.next(), "1");
  t.is(await askTimes(t, gateway, 2), "22");
  // Ejected after two failures: nobody asks it in vain, and the health of it is told once.
  t.is(gateway.log.filter(({ msg }) => msg === "server gets no new connections").length, 1);
  const reasons = gateway.log.filter(({ msg, to }) => msg === "another upstream stands in" && to === "full");
  t.regex(String(at(reasons, 0).reason), /ECONNREFUSED/);
  t.is(at(reasons, 2).reason, 'upstream "dead": no server is healthy');

  t.is(await ask(t, gateway, "/own"), "0");
  a.wss.options.verifyClient = () => false;
  t.is((await refusedUpgrade(`${gateway.url}/own`)).status, 401);
  const { host, port } = gateway.gateway.addresses.console!;
  const metrics = await (await fetch(`http://${host}:${port}/metrics`)).text();
  t.true(metrics.includes('framegate_upstream_failovers_total{upstream="dead",to="full"} 3'), metrics);
});
