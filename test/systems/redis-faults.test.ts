import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { createRedisKv, type KvStore, openRedisLink, type RedisLinkOptions } from "../../sandbox/index.ts";
import { ratesOver, testRateContract } from "../fleet/rates/rate-contract.ts";
import { testKvContract } from "../sandbox/broker/kv-contract.ts";
import { eventually } from "../support/eventually.ts";
import { type KvStorm, startKvStorm } from "../support/kv-storm.ts";
import { makeMachines } from "../support/machines.ts";
import { has } from "../support/needs.ts";
import { openRedisKv, readRights } from "../support/redis-kv.ts";
import { createCertificate } from "../support/servers/certificate.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";
import { startRedis, type TestRedis } from "../support/servers/redis.ts";
import {
  startRedisCluster,
  startSentinels,
  type TestCluster,
  type TestSentinels,
} from "../support/servers/redis-sets.ts";

const LOST = "CapabilityError: kv: no connection to Redis";

/** Of the sets: a user with the rights that the docs name. */
const login = { user: "framegate", password: "hunter2" };
let watched: TestSentinels | undefined;
let shared: TestCluster | undefined;

test.before(async (t) => {
  if (!has(t, "redis-server", "redis-sentinel")) return;
  const [redis, sentinel] = await readRights(login.password);
  const users = { redis, sentinel };
  [watched, shared] = await Promise.all([startSentinels(users), startRedisCluster(1, users)]);
});

test.after.always(() => {
  watched?.stop();
  shared?.stop();
});

interface Watched {
  readonly kv: KvStore;
  /** What was told, and why. */
  readonly told: string[];
}

async function open(
  t: ExecutionContext,
  options: Omit<RedisLinkOptions, "onLost" | "onBack">,
): Promise<Watched> {
  const told: string[] = [];
  const link = openRedisLink({
    ...options,
    onLost: (reason) => told.push(`lost: ${reason}`),
    onBack: () => told.push("back"),
  });
  await eventually("Redis can be had", () => link.isUp());
  told.length = 0;
  const kv = createRedisKv(link, { prefix: "framegate:kv:", close: link.close });
  t.teardown(() => kv.close());
  return { kv, told };
}

async function isUnderWay(storm: KvStorm): Promise<void> {
  const { counted } = storm.counts();
  await eventually("the storm is under way", () => storm.counts().counted > counted + 100);
}

async function startOne(t: ExecutionContext): Promise<TestRedis> {
  const [port = 0] = await quietPorts(1);
  const redis = await startRedis({ port, lines: ["appendonly yes", "appendfsync always"] });
  t.teardown(() => redis.stop());
  return redis;
}

test("killed and started again in a storm: what was counted is there, and nothing was counted twice", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startOne(t);
  const { kv, told } = await open(t, redis);
  const storm = startKvStorm(t, kv);
  for (let round = 1; round <= 3; round++) {
    await isUnderWay(storm);
    await redis.kill();
    await eventually("the loss is told", () => told.length === 2 * round - 1);
    await t.throwsAsync(kv.get("a"), { message: "kv: no connection to Redis" });
    await redis.start();
    await eventually("it is back", () => told.length === 2 * round);
  }
  await isUnderWay(storm);
  const { errors, forgotten, twice } = await storm.stop();
  t.deepEqual({ errors, forgotten, twice }, { errors: new Set([LOST]), forgotten: 0, twice: 0 });
  t.is(told[1], "back");
});

test("slow: who waits is answered late; too slow: it is lost, and nothing was counted twice", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startOne(t);
  const { kv, told } = await open(t, redis);
  const storm = startKvStorm(t, kv);
  await isUnderWay(storm);
  redis.ask("CLIENT", "PAUSE", "1000", "ALL");
  await isUnderWay(storm);
  t.deepEqual(told, []);
  // What was sent to it meanwhile it carries out when it goes on, though nobody waits for the answer any more.
  redis.pause();
  await eventually("the loss is told", () => told.length === 1);
  redis.resume();
  t.deepEqual(told, ["lost: it gave no answer for 3000 ms"]);
  await eventually("it is back", () => told.length === 2);
  await isUnderWay(storm);
  const { errors, forgotten, twice } = await storm.stop();
  t.deepEqual({ errors, forgotten, twice }, { errors: new Set([LOST]), forgotten: 0, twice: 0 });
});

test("full: new values are refused and it is said why, what is there can be read and deleted", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startOne(t);
  const { kv, told } = await open(t, redis);
  await kv.set("a", "1");
  redis.ask("CONFIG", "SET", "maxmemory", "1");
  const full = { name: "CapabilityError", message: "kv is full: Redis has no memory left (its maxmemory)" };
  for (const call of [
    () => kv.set("b", "1"),
    () => kv.increment("b", 1),
    () => kv.compareAndSet("b", null, "1"),
  ])
    t.is((await t.throwsAsync(call, full))?.cause instanceof Error, true);
  t.is(await kv.get("a"), "1");
  t.true(await kv.delete("a"));
  redis.ask("CONFIG", "SET", "maxmemory", "0");
  t.is(await kv.increment("b", 1), 1);
  t.deepEqual(told, []);
});

test("one that has become a replica is lost, and back when it is the primary again", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startOne(t);
  const { kv, told } = await open(t, redis);
  redis.ask("REPLICAOF", "127.0.0.1", "1");
  await t.throwsAsync(kv.increment("a", 1), { message: /READONLY/ });
  await eventually("the loss is told", () => told[0] === "lost: the server is a replica now");
  redis.ask("REPLICAOF", "NO", "ONE");
  await eventually("it counts again", () =>
    kv.increment("a", 1).then(
      () => true,
      () => false,
    ),
  );
});

test.serial(
  "Sentinel: by death and by hand another primary takes its place, and nothing was counted twice",
  async (t) => {
    if (!has(t, "redis-server", "redis-sentinel")) return;
    const { url, primary, replica, sentinels } = watched!;
    const { kv, told } = await open(t, { url, login, sentinelLogin: login });
    const storm = startKvStorm(t, kv);
    await isUnderWay(storm);
    await primary.kill();
    await eventually("the new primary is found", () => told.at(-1) === "back");
    t.true(replica.ask("ROLE").startsWith("master"));
    await isUnderWay(storm);
    await primary.start();
    primary.ask("REPLICAOF", "127.0.0.1", replica.url.split(":")[2] ?? "");
    // Both are well: the old one goes on as a primary until the sentinels have told it.
    await eventually("they begin", () => sentinels[0]?.ask("SENTINEL", "FAILOVER", "main") === "OK");
    told.length = 0;
    await eventually("the old primary is found", () => told.at(-1) === "back");
    t.deepEqual(told, ["lost: the sentinels name another primary", "back"]);
    t.true(primary.ask("ROLE").startsWith("master"));
    await isUnderWay(storm);
    const { errors, twice } = await storm.stop();
    t.is(twice, 0);
    for (const error of errors) t.regex(error, /^CapabilityError: kv: (no connection to Redis|.*READONLY)/);
  },
);

test.serial(
  "Cluster: slots move, a primary dies and its replica takes its place, and nothing was counted twice",
  async (t) => {
    if (!has(t, "redis-server")) return;
    const { url, nodes, moveSlots } = shared!;
    const { kv, told } = await open(t, { url, login, sentinelLogin: login });
    const storm = startKvStorm(t, kv);
    await isUnderWay(storm);
    await moveSlots({ from: 0, to: 1, count: 500 });
    await isUnderWay(storm);
    t.deepEqual({ told, failed: storm.counts().failed }, { told: [], failed: 0 });
    await nodes[0]!.kill();
    await eventually("the loss is told", () => told.length > 0);
    // The keys of all others go on.
    await isUnderWay(storm);
    await eventually("the replica is found", () => told.at(-1) === "back");
    await isUnderWay(storm);
    const { errors, twice } = await storm.stop();
    t.is(twice, 0);
    for (const error of errors)
      t.regex(error, /^CapabilityError: kv: (no connection to Redis|Redis refused it: CLUSTERDOWN)/);
  },
);

// Those above come first: this is what is left of both when they have lost a server.
for (const [name, url] of [
  ["Redis by Sentinel", () => watched?.url],
  ["a Redis Cluster", () => shared?.url],
] as const)
  testKvContract({
    name,
    isThere: () => url() !== undefined,
    open: () => openRedisKv({ url: url() as string, login, sentinelLogin: login }),
    isShared: true,
  });

test("the cable is pulled: it is noticed, calls fail, and it comes back by itself", async (t) => {
  if (!has(t, "redis-server", "ip")) return;
  const { store, gate } = makeMachines(t, ["store", "gate"]);
  store.start("redis-server", ["--bind", store.address, "--protected-mode", "no", "--save", ""]);
  const prober = fileURLToPath(new URL("../support/kv-prober.ts", import.meta.url));
  const { output } = gate.start(process.execPath, [prober, `redis://${store.address}`]);
  await output(/^counts$/m);
  store.cut();
  await output(/^fails/m);
  store.heal();
  const [said] = await output(/^counts\nlost.*^back$.*^counts$/ms);
  t.deepEqual(said.split("\n"), [
    ...["counts", "lost: it gave no answer for 3000 ms", "fails: kv: no connection to Redis"],
    ...["back", "counts"],
  ]);
});

test.serial(
  "rates with Sentinel and with a Cluster are those of one Redis, and a Cluster shares their keys",
  async (t) => {
    if (watched === undefined || shared === undefined) {
      t.pass();
      return;
    }
    for (const { url } of [watched, shared]) {
      const link = openRedisLink({ url, onLost() {}, onBack() {} });
      t.teardown(() => link.close());
      await eventually("Redis can be had", () => link.isUp());
      await testRateContract(t, ratesOver(link));
    }
    const holders = shared.nodes.filter((node) => node.ask("KEYS", "framegate:{*}:rate") !== "");
    t.true(holders.length >= 3);
  },
);

test("Sentinel and Cluster over TLS: sentinels and those that they name, and nodes, are checked", async (t) => {
  if (!has(t, "redis-server", "redis-sentinel")) return;
  const [port = 0, sentinelPort = 0, nodePort = 0, bus = 0] = await quietPorts(4);
  const own = createCertificate();
  const servers = await Promise.all([
    startRedis({ port, tls: own }),
    startRedis({
      ...{ port: sentinelPort, tls: own, flags: ["--sentinel"] },
      lines: ["tls-replication yes", `sentinel monitor main 127.0.0.1 ${port} 1`],
    }),
    startRedis({
      ...{ port: nodePort, tls: own },
      lines: ["tls-cluster yes", "cluster-enabled yes", `cluster-port ${bus}`],
    }),
  ]);
  t.teardown(() => {
    for (const server of servers) server.stop();
  });
  t.is(servers[2]?.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383"), "OK");
  const urls = [`rediss+sentinel://127.0.0.1:${sentinelPort}/main`, `rediss+cluster://127.0.0.1:${nodePort}`];
  const tls = { verify: true, minVersion: "TLSv1.2", maxVersion: "TLSv1.3" } as const;
  for (const url of urls) {
    const kv = await openRedisKv({ url, tls: { ...tls, ca: own.cert } });
    await eventually("it counts", () => kv.increment("count", 1).catch(() => undefined));
    await kv.close();
    const reason = await new Promise<string>((resolve) => {
      const link = openRedisLink({ url, tls, onLost: resolve, onBack: () => {} });
      t.teardown(() => link.close());
    });
    t.regex(reason, /self-signed certificate/);
  }
});
