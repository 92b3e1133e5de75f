import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { openRedisLink } from "../../sandbox/index.ts";
import { levelsOver, ratesOver, testLevelContract, testRateContract } from "../fleet/rates/rate-contract.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";
import { openSocket, upgradeHead } from "../support/peers/http.ts";
import { connectClient, startServer, type TestClient } from "../support/peers/peers.ts";
import { startRedis, type TestRedis } from "../support/servers/redis.ts";

/** All of them are there before the first sends its request. @returns their statuses */
async function storm(t: ExecutionContext, port: number, paths: readonly string[]): Promise<number[]> {
  const sockets = await Promise.all(paths.map(() => openSocket(t, port)));
  return Promise.all(
    sockets.map(async (socket, index) => {
      socket.write(upgradeHead(paths[index] ?? "/"));
      const [head] = (await once(socket, "data")) as [Buffer];
      return Number(head.toString("latin1").split(" ")[1]);
    }),
  );
}

const admitted = (statuses: readonly number[]) => statuses.filter((status) => status === 101).length;

/** @returns how many of so many messages, sent at once, have come back */
async function echoed({ ws, send }: TestClient, count: number): Promise<number> {
  let passed = 0;
  const onMessage = () => void passed++;
  ws.on("message", onMessage);
  for (let n = 0; n < count; n++) send("m");
  // Passes whatever the rate says.
  ws.ping();
  await once(ws, "pong");
  ws.off("message", onMessage);
  return passed;
}

const BY_ADDRESS = { action: "drop", key: "address" } as const;

/** With four workers, for the tests that want no other machine. */
let gateway: GatewayProcess;
const teardowns: (() => unknown)[] = [];
test.before(async () => {
  const t = { teardown: (fn: () => unknown) => void teardowns.unshift(fn) };
  const { url } = await startServer(t);
  gateway = await startGatewayProcess(t, {
    policies: {},
    config: {
      workers: 4,
      routes: [
        { path: "/once", upstream: url, rate: { messages: 40, per: "1h", ...BY_ADDRESS } },
        { path: "/bytes", upstream: url, rate: { bytes: 40, per: "1h", ...BY_ADDRESS } },
        { path: "/stream", upstream: url, rate: { messages: 100, per: "500ms", ...BY_ADDRESS } },
        { path: "/all", upstream: url, upgradeRate: { upgrades: 37, per: "1h", key: "route" } },
        { path: "/each", upstream: url, upgradeRate: { upgrades: 5, per: "1h", key: "query:user" } },
      ],
    },
  });
});
test.after.always(async () => {
  for (const teardown of teardowns) await teardown();
});

/** So many that each worker has some. */
const connectMany = (t: ExecutionContext, path: string) =>
  Promise.all(Array.from({ length: 12 }, () => connectClient(t, gateway.url + path)));

test.serial(
  "four workers, messages by address: what one has let in is gone for all, but for the few that they learn it by",
  async (t) => {
    for (const path of ["/once", "/bytes"]) {
      const [first, ...others] = await connectMany(t, path);
      t.is(await echoed(first as TestClient, 60), 40, path);
      let more = 0;
      for (const client of others)
        await eventually("its worker has learnt that there are none left", async () => {
          const passed = await echoed(client, 1);
          more += passed;
          return passed === 0;
        });
      t.true(more <= 30, `${more} of 120 by the other workers, ${path}`);
    }
  },
);

test.serial(
  "four workers, a stream of messages by address: the rate is one, and all of it is to be had",
  async (t) => {
    const clients = await connectMany(t, "/stream");
    const begunAt = performance.now();
    let seconds = 0;
    let count = 0;
    while (seconds < 3) {
      const passed = await Promise.all(clients.map((client) => echoed(client, 10)));
      count += passed.reduce((sum, each) => sum + each, 0);
      seconds = (performance.now() - begunAt) / 1000;
    }
    // A burst of each worker goes beyond it, at most.
    t.true(count <= 400 + 200 * seconds * 1.2, `${count} in ${seconds} s`);
    t.true(count >= 200 * seconds * 0.8, `${count} in ${seconds} s`);
  },
);

test("four workers, a storm of upgrades: as many come in as the rate says, by route and by key", async (t) => {
  const port = Number(new URL(gateway.url).port);
  // One more comes every 97 s, and every 12 minutes.
  const all = await storm(t, port, Array(400).fill("/all"));
  t.is(admitted(all), 37);
  t.deepEqual([...new Set(all)].sort(), [101, 429]);
  const users = Array.from({ length: 20 }, (_, n) => `/each?user=${n}`);
  const paths = Array.from({ length: 400 }, (_, n) => users[n % 20] as string);
  const each = await storm(t, port, paths);
  t.deepEqual(
    users.map((user) => admitted(each.filter((_, n) => paths[n] === user))),
    Array(20).fill(5),
  );
  const { text } = await gateway.read("/metrics");
  t.true(text.split("\n").includes('framegate_upgrade_rate_exceeded_total{route="/all"} 363'), text);
});

const RATE_LIMIT = "@framegate/standard/rate-limit";

/** Two gateways of one fleet. */
async function startFleet(t: ExecutionContext, redis: TestRedis) {
  const { url: upstream } = await startServer(t);
  const limited = (path: string, options: object) => ({
    path,
    upstream,
    policies: [{ use: RATE_LIMIT, options: { by: "query.user", onViolation: "reply", ...options } }],
  });
  const fast = { rate: 100, per: "second", burst: 20 };
  const start = (node: string) =>
    startGateway(t, {
      config: { cluster: { url: redis.url, node }, grants: { [RATE_LIMIT]: { rates: true } } },
      routes: [
        { path: "/paced", upstream, upgradeRate: { upgrades: 30, per: "1h", key: "route" } },
        { path: "/messages", upstream, rate: { messages: 40, per: "1h", ...BY_ADDRESS } },
        limited("/slow", { rate: 25, per: "hour" }),
        limited("/fast", fast),
        limited("/local", { rate: 40, per: "hour", onStoreLoss: "local" }),
        limited("/closed", { ...fast, onStoreLoss: "closed" }),
        limited("/open", { ...fast, onStoreLoss: "open" }),
      ],
    });
  return Promise.all([start("a"), start("b")]);
}

/** @returns whether each of so many messages, sent at once, has passed */
async function send(client: TestClient, count: number): Promise<boolean[]> {
  const answers = Array.from({ length: count }, () => {
    client.send("m");
    return client.next();
  });
  return (await Promise.all(answers)).map((answer) => String(answer) === "m");
}

const passed = (answers: readonly boolean[]) => answers.filter((answer) => answer).length;

test("two gateways with one Redis: what both let in is the limit, and of fast ones its bound", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const link = openRedisLink({ url: redis.url, onLost() {}, onBack() {} });
  t.teardown(() => link.close());
  await eventually("Redis can be had", () => link.isUp());
  await testRateContract(t, ratesOver(link));
  await testLevelContract(t, levelsOver(link));
  redis.ask("FLUSHALL");
  const gateways = await startFleet(t, redis);
  const storms = gateways.map(({ port }) => storm(t, port, Array(60).fill("/paced")));
  t.is(admitted((await Promise.all(storms)).flat()), 30);

  const clients = await Promise.all(gateways.map(({ url }) => connectClient(t, `${url}/slow?user=ada`)));
  t.is(passed((await Promise.all(clients.map((client) => send(client, 40)))).flat()), 25);

  const [here, there] = await Promise.all(gateways.map(({ url }) => connectClient(t, `${url}/messages`)));
  t.is(await echoed(here as TestClient, 60), 40);
  let more = 0;
  await eventually("the other has learnt that there are none left", async () => {
    const passed = await echoed(there as TestClient, 1);
    more += passed;
    return passed === 0;
  });
  t.true(more <= 20, `${more} of 40 by the other`);

  const fast = await Promise.all(
    gateways.flatMap(({ url }) => [1, 2].map(() => connectClient(t, `${url}/fast?user=ada`))),
  );
  const begunAt = performance.now();
  let count = 0;
  for (let round = 0; round < 60; round++)
    count += passed((await Promise.all(fast.map((client) => send(client, 10)))).flat());
  const seconds = (performance.now() - begunAt) / 1000;
  // Burst, what fills, and what may be leased: a tenth of a second's worth to a gateway, and to a worker.
  t.true(count <= 20 + 100 * (seconds + 0.2), `${count} in ${seconds} s`);
  t.true(count > 20, `${count} in ${seconds} s`);
  // What is full again is gone.
  await eventually("fast buckets are gone", () => redis.ask("KEYS", "*:rate").split("\n").length === 2);
});

test("Redis is killed and comes back under load: no session ends, and limits go on by their onStoreLoss", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const [gateway] = await startFleet(t, redis);
  const open = (path: string) => connectClient(t, `${gateway.url}/${path}?user=ada`);
  const clients = [await open("local"), await open("closed"), await open("open")] as const;
  const [local, closed, all] = clients;
  const isEnded = Promise.race(clients.map((client) => client.closed));
  let hasEnded = false;
  let locally = 0;
  void isEnded.then(() => {
    hasEnded = true;
  });
  const lines = (text: RegExp) => gateway.log.filter(({ msg }) => text.test(msg)).length;
  for (const client of clients) t.true((await send(client, 1))[0]);

  for (const [lose, back] of [
    [() => redis.kill(), () => redis.start()],
    [async () => redis.pause(), async () => redis.resume()],
  ] as const) {
    const before = {
      lost: lines(/^rates are not counted over the fleet/),
      back: lines(/^rates are counted over/),
    };
    await lose();
    await eventually("the loss is told", async () => {
      await send(closed, 1);
      return lines(/^rates are not counted over the fleet/) === before.lost + 1;
    });
    t.is(passed(await send(closed, 50)), 0);
    t.is(passed(await send(all, 200)), 200);
    locally += passed(await send(local, 100));
    await back();
    await eventually("all is counted again", async () => {
      const [isIn] = await send(closed, 1);
      return isIn === true && lines(/^rates are counted over/) === before.back + 1;
    });
    await eventually("the limit is one again", async () => passed(await send(all, 100)) < 100);
  }
  // This machine's share, which is all of it while no other is known.
  t.true(locally > 0 && locally <= 40, `${locally}`);
  t.false(hasEnded);
});
