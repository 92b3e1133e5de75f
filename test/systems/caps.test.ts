import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { createFleetCaps, type FleetCaps, groupOf } from "../../core/fleet/caps/fleet-caps.ts";
import { type FleetStore, openFleetStore } from "../../core/fleet/store.ts";
import { CapBook } from "../../core/leases/caps/cap-book.ts";
import { capKey } from "../../core/leases/caps/places.ts";
import type { RedisReply, ScriptInput } from "../../sandbox/index.ts";
import { findChildren } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateways/gateway-process.ts";
import { has } from "../support/needs.ts";
import { upgradeHead } from "../support/peers/http.ts";
import { startServer } from "../support/peers/peers.ts";
import { startRedis } from "../support/servers/redis.ts";

/** One upgrade for itself, and what became of it. */
class Client {
  readonly socket: Socket;
  /** 0: cut off without an answer. */
  readonly status: Promise<number>;

  constructor(port: number, path: string) {
    this.socket = connect(port, "127.0.0.1");
    this.status = new Promise((resolve) => {
      this.socket.on("error", () => {}).on("close", () => resolve(0));
      this.socket.once("data", (bytes) => resolve(Number(bytes.toString("latin1").split(" ")[1])));
    });
    this.socket.write(upgradeHead(path));
  }
}

interface Wave {
  readonly inside: readonly Client[];
  readonly refused: readonly number[];
}

/** All at once. @param paths a client for each */
async function storm(gateway: GatewayProcess, paths: readonly string[]): Promise<Wave> {
  const clients = paths.map((path) => new Client(portOf(gateway), path));
  const statuses = await Promise.all(clients.map(({ status }) => status));
  return {
    inside: clients.filter((_, index) => statuses[index] === 101),
    refused: statuses.filter((status) => status !== 101),
  };
}

const times = (count: number, path: string): string[] => Array<string>(count).fill(path);

async function placesOf(gateway: GatewayProcess): Promise<number> {
  const { text } = await gateway.read("/metrics");
  return Number(/^framegate_cap_places (\d+)$/m.exec(text)?.[1]);
}

/** Nobody keeps a place to spare: each session has that of its connection, and one more below the cap of its route or server. */
async function isSettled(gateway: GatewayProcess): Promise<boolean> {
  return (await placesOf(gateway)) === 2 * (await openOf(gateway));
}

async function closeAll(gateway: GatewayProcess, clients: readonly Client[]): Promise<void> {
  const left = (await openOf(gateway)) - clients.filter(({ socket }) => !socket.destroyed).length;
  for (const { socket } of clients) socket.destroy();
  await eventually("they have gone", async () => (await openOf(gateway)) <= Math.max(0, left));
  await eventually("what they had is free", () => isSettled(gateway));
}

/** Sessions. */
async function openOf(gateway: GatewayProcess): Promise<number> {
  const { text } = await gateway.read("/metrics");
  const counts = [...text.matchAll(/^framegate_sessions_open\{.*\} (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

const portOf = ({ url }: GatewayProcess): number => Number(new URL(url).port);

const workersOf = ({ pid }: GatewayProcess): number[] => findChildren(pid, "worker-process");

/** One for all tests, which go one after the other: the last takes what room there is. */
let gateway: GatewayProcess;
const teardowns: (() => unknown)[] = [];
test.before(async () => {
  const t = { teardown: (fn: () => unknown) => void teardowns.unshift(fn) };
  const { url } = await startServer(t);
  gateway = await startGatewayProcess(t, {
    config: {
      workers: 4,
      maxConnections: 500,
      upstreams: {
        few: { url, maxConnections: 25 },
        slow: { url, maxConnections: 10, queue: { size: 30, timeout: "1m" } },
      },
      routes: [
        { path: "/few", upstream: url, connections: { route: 7 } },
        { path: "/many", upstream: url, connections: { route: 150 } },
        { path: "/keyed", upstream: url, connections: { perKey: 3, key: "query:user" } },
        { path: "/server", upstream: "few" },
        { path: "/slow", upstream: "slow" },
        { path: "/free", upstream: url },
      ],
    },
  });
});
test.after.always(async () => {
  for (const teardown of teardowns) await teardown();
});

test.serial(
  "four workers in a storm let in what the config says, also when half have gone, and when a worker has died",
  async (t) => {
    const all: { path: string; cap: number; clients: readonly Client[] }[] = [
      { path: "/few", cap: 7, clients: [] },
      { path: "/many", cap: 150, clients: [] },
      { path: "/server", cap: 25, clients: [] },
    ];
    for (const each of all) {
      const { inside, refused } = await storm(gateway, times(2 * each.cap + 40, each.path));
      t.is(inside.length, each.cap, each.path);
      t.deepEqual([...new Set(refused)], [each.path === "/server" ? 503 : 429]);
      each.clients = inside;
    }
    await closeAll(
      gateway,
      all.flatMap(({ clients, cap }) => clients.slice(cap / 2)),
    );
    for (const each of all) {
      const left = each.clients.filter(({ socket }) => !socket.destroyed);
      const { inside } = await storm(gateway, times(each.cap + 40, each.path));
      t.is(left.length + inside.length, each.cap, `${each.path} again`);
      each.clients = [...left, ...inside];
    }

    const users = Array.from({ length: 20 }, (_, user) => times(10, `/keyed?user=${user}`)).flat();
    const keyed = await storm(gateway, users);
    t.is(keyed.inside.length, 60);
    t.deepEqual([...new Set(keyed.refused)], [429]);

    const leftOf = (clients: readonly Client[]) => clients.filter(({ socket }) => !socket.destroyed).length;
    process.kill(workersOf(gateway)[0]!, "SIGKILL");
    await eventually("its connections are cut", () => all.some(({ clients, cap }) => leftOf(clients) < cap));
    await eventually("it has a successor", () => workersOf(gateway).length === 4);
    await eventually("what it had is free", () => isSettled(gateway));
    for (const each of all) {
      const left = leftOf(each.clients);
      const { inside } = await storm(gateway, times(200, each.path));
      t.is(left + inside.length, each.cap, `${each.path} after a death`);
      each.clients = [...each.clients, ...inside];
    }
    await closeAll(gateway, [...keyed.inside, ...all.flatMap(({ clients }) => clients)]);
  },
);

test.serial(
  "who waits at a server waits in one line, whichever worker's he is, and in no more than the queue's size",
  async (t) => {
    const first = await storm(gateway, times(10, "/slow"));
    t.is(first.inside.length, 10);
    const waiting = Array.from({ length: 50 }, () => new Client(portOf(gateway), "/slow"));
    let answered: number[] = [];
    for (const { status } of waiting) void status.then((code) => answered.push(code));
    await eventually("the queue is full", () => answered.length === 20);
    t.deepEqual([...new Set(answered)], [503]);
    answered = [];
    for (const { socket } of first.inside) socket.destroy();
    await eventually("ten of them are in", () => answered.length === 10);
    t.deepEqual([...new Set(answered)], [101]);
    t.is(await openOf(gateway), 10);
    await closeAll(gateway, waiting);
  },
);

test.serial("maxConnections of the gateway is that of all workers", async (t) => {
  const { inside, refused } = await storm(gateway, times(700, "/free"));
  t.is(inside.length, 500);
  t.true(refused.every((status) => status === 503 || status === 0));
  for (const { socket } of inside.slice(0, 250)) socket.destroy();
  await eventually("they have gone", async () => (await openOf(gateway)) === 250);
  await eventually("nothing is kept to spare", async () => (await placesOf(gateway)) === 250);
  const again = await storm(gateway, times(400, "/free"));
  t.is(again.inside.length, 250);
  for (const { socket } of [...inside, ...again.inside]) socket.destroy();
});

test.serial(
  "gateways of a fleet share a cap; one that is killed frees what it had; without Redis each has its share",
  async (t) => {
    if (!has(t, "redis-server")) return;
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const { url } = await startServer(t);
    const startNode = (node: string, workers: number) =>
      startGatewayProcess(t, {
        config: {
          workers,
          cluster: { url: redis.url, node },
          upstreams: { few: { url, maxConnections: 15, queue: { size: 5, timeout: "30s" } } },
          routes: [
            { path: "/keyed", upstream: url, connections: { perKey: 3, key: "query:user" } },
            { path: "/many", upstream: url, connections: { route: 200 } },
            { path: "/server", upstream: "few" },
            { path: "/closed", upstream: url, connections: { route: 50, onStoreLoss: "closed" } },
            { path: "/open", upstream: url, connections: { route: 1, onStoreLoss: "open" } },
          ],
        },
      });
    const [ada, bob] = await Promise.all([startNode("ada", 2), startNode("bob", 1)]);
    const both = async (paths: readonly string[]): Promise<readonly [Wave, Wave]> =>
      Promise.all([storm(ada, paths), storm(bob, paths)]);
    const count = (waves: readonly Wave[]) => waves.reduce((sum, { inside }) => sum + inside.length, 0);

    const users = Array.from({ length: 10 }, (_, user) => times(5, `/keyed?user=${user}`)).flat();
    t.is(count(await both(users)), 30);
    const many = await both(times(150, "/many"));
    t.is(count(many), 200);

    const server = await both(times(15, "/server").slice(0, 7));
    t.is(count(server), 14);
    t.is(count([await storm(bob, ["/server"])]), 1);
    // Who waits at one machine gets what comes free at the other.
    const waiting = new Client(portOf(bob), "/server");
    for (const { socket } of server[0].inside.slice(0, 1)) socket.destroy();
    t.is(await waiting.status, 101);

    const ofAda = many[0].inside.length;
    process.kill(ada.pid, "SIGKILL");
    let inside = many[1].inside.length;
    t.true(ofAda > 0);
    await eventually("what it had is free", async () => {
      inside += (await storm(bob, times(20, "/many"))).inside.length;
      return inside === 200;
    });
    t.is(count([await storm(bob, times(20, "/many"))]), 0);

    const eve = await startNode("eve", 0);
    redis.pause();
    const alone = await storm(eve, times(150, "/many"));
    // Two nodes are known, or three, where the one that was killed is not gone yet.
    t.true([66, 100].includes(alone.inside.length), String(alone.inside.length));
    t.is(count([await storm(eve, times(5, "/closed"))]), 0);
    t.is(count([await storm(eve, times(5, "/open"))]), 5);
    // This one has more than its share.
    t.is(count([await storm(bob, times(20, "/many"))]), 0);
    redis.resume();
    await eventually("what is open beyond the cap is counted", async () => {
      const { text } = await eve.read("/metrics");
      return text.includes(`framegate_cap_places_over ${alone.inside.length + 4}`);
    });
    t.is(count([await storm(eve, times(20, "/many"))]), 0);
  },
);

test("a node whose places have run out says anew what it has: it is counted once, and nobody is let in until there are fewer", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const [ada, bob] = ["ada", "bob"].map((node) => {
    const cluster = { url: redis.url, name: "framegate", node };
    const store = openFleetStore(cluster, undefined, () => {});
    t.teardown(() => store.close());
    const caps = createFleetCaps({ store, nodes: () => 2, onLost() {}, onBack() {} });
    t.teardown(() => caps.leave());
    return { caps, store };
  }) as [Node, Node];
  await eventually("both have their Redis", () => ada.store.isUp() && bob.store.isUp());
  const cap = { most: 10, onStoreLoss: "local" } as const;
  const key = capKey("fleet", "route", "/");
  const settle = async ({ caps }: Node, holding: number, want: number) =>
    (await caps.lease(key, { ...cap, holding, want })).granted;

  t.is(await settle(ada, 0, 6), 6);
  t.is(await settle(bob, 0, 6), 4);
  // The answer was lost, and what was granted too.
  t.is(await settle(bob, 0, 6), 4);
  t.is(await settle(bob, 0, 0), 0);

  // As behind a network that is cut for longer than its lease.
  for (const leases of redis.ask("KEYS", "*:leases").split("\n")) redis.ask("DEL", leases);
  t.is(await settle(bob, 0, 12), 10);
  ada.caps.start();
  await eventually("it is back", () => ada.caps.over === 6);
  t.is(await settle(bob, 10, 1), 0);
  t.is(await settle(bob, 3, 1), 1);
  t.is(await settle(ada, 6, 1), 0);
  t.is(ada.caps.over, 0);
  const [places] = redis.ask("KEYS", "*:cap:*").split("\n");
  t.deepEqual(redis.ask("HVALS", places!).split("\n").sort(), ["4", "6"]);

  // One that stops gives back what it has at once.
  await ada.caps.leave();
  t.is(await settle(bob, 4, 12), 6);
});

/** Caps over a Redis of which the test says what becomes of a script. */
async function openCaps(
  t: ExecutionContext,
  through: (input: ScriptInput, run: () => Promise<RedisReply>) => Promise<RedisReply>,
  keptMs?: number,
) {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const store = openFleetStore({ url: redis.url, name: "framegate", node: "ada" }, undefined, () => {});
  t.teardown(() => store.close());
  await eventually("there is Redis", () => store.isUp());
  const said: string[] = [];
  const caps = createFleetCaps({
    store: { key: store.key, script: (script, input) => through(input, () => store.script(script, input)) },
    nodes: () => 1,
    onLost: (reason) => said.push(`lost: ${reason}`),
    onBack: () => said.push("back"),
    ...(keptMs !== undefined && { keptMs }),
  });
  t.teardown(() => caps.leave());
  caps.start();
  const ask = async (key: string, want = 1) =>
    (await caps.lease(key, { most: 1, onStoreLoss: "closed", holding: 0, want })).granted;
  return { redis, caps, said, ask };
}

const keysOf = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => capKey("fleet", name, String(index)));

test("thousands of keys in one turn, as when a worker dies, are no loss of a Redis that answers", async (t) => {
  if (!has(t, "redis-server")) return;
  let scripts = 0;
  const { redis, caps, said } = await openCaps(t, (_, run) => {
    scripts++;
    return run();
  });
  const book = new CapBook(caps);
  let granted = 0;
  const holder = book.join((notes) => {
    for (const note of notes) if (note.at === "answer") granted += note.count;
  });
  const cap = { most: 1, onStoreLoss: "closed" } as const;
  holder.hear(keysOf(20_000, "user").map((key) => ({ at: "ask", key, cap, count: 1 })));
  await eventually("each has its place", () => granted === 20_000);
  holder.leave();
  await eventually("nothing is left", () => redis.ask("DBSIZE") === "32");
  t.deepEqual(said, []);
  t.true(scripts < 2_000, String(scripts));
  t.is(new Set(keysOf(1_000, "group").map(groupOf)).size, 32);
});

test("of a Redis Cluster what lies on a lost node is lost, and nothing else; what was refused meanwhile is not kept", async (t) => {
  if (!has(t, "redis-server")) return;
  const [dead, ...others] = keysOf(2_000, "part") as [string, ...string[]];
  let isLost = false;
  let told: readonly string[] = [];
  const { ask, said } = await openCaps(t, async (input, run) => {
    if (isLost && input.keys[0].includes(`{caps-${groupOf(dead)}}`)) throw new Error("it is gone");
    told = [...told, ...input.keys.slice(1)];
    return run();
  });
  t.is(await ask(dead), 1);
  t.is(await ask(dead, 0), 0);
  isLost = true;
  const granted = new Map<string, number>();
  for (const key of others) granted.set(key, await ask(key));
  const isOfDead = (key: string) => groupOf(key) === groupOf(dead);
  t.true(others.filter(isOfDead).length > 9);
  t.true(others.every((key) => granted.get(key) === (isOfDead(key) ? 0 : 1)));
  t.deepEqual(said, ["lost: it is gone"]);
  told = [];
  isLost = false;
  await eventually("it is back", () => said.at(-1) === "back");
  t.deepEqual(said.length, 2);
  const kept = told.filter((name) => isOfDead(name.slice(name.indexOf("fleet:"))));
  t.true(kept.length <= 1, "but one whose answer was lost");
  t.is(await ask(dead), 1);
});

test("a Redis that is slow is lost, and not back with each answer; a cap that is held is told again in time", async (t) => {
  if (!has(t, "redis-server")) return;
  let slowMs = 0;
  let [beats, told] = [0, 0];
  const { ask, said } = await openCaps(
    t,
    async ({ keys }, run) => {
      if (slowMs > 0) await delay(slowMs);
      const reply = await run();
      if (keys.length === 1) beats++;
      else told++;
      return reply;
    },
    3,
  );
  const key = capKey("fleet", "route", "/");
  await ask(key);
  await eventually("it is told again", () => told > 1);
  slowMs = 300;
  beats = 0;
  await ask(key);
  await eventually("it has answered some beats", async () => {
    await ask(key, 0);
    return beats > 2;
  });
  t.deepEqual(said, ["lost: it gave no answer for 250 ms"]);
  slowMs = 0;
  await eventually("it is back", () => said.at(-1) === "back");
});

interface Node {
  readonly caps: FleetCaps;
  readonly store: FleetStore;
}
