import test, { type ExecutionContext } from "ava";
import {
  createMemoryKv,
  createOverlayKv,
  createRedisKv,
  type KvStore,
  openRedisLink,
} from "../../../sandbox/index.ts";
import { eventually } from "../../support/eventually.ts";
import { hasRedis, startRedis, type TestRedis } from "../../support/servers/redis.ts";

let server: TestRedis | undefined;
let last = 0;

/** A busy machine may not connect within the time of the first attempt, and calls fail until the next one. */
async function redis(): Promise<KvStore> {
  const link = openRedisLink({ url: server!.url, onLost: () => {}, onBack: () => {} });
  const kv = createRedisKv(link, { prefix: "framegate:kv:", close: link.close });
  const isConnected = () =>
    kv.get("").then(
      () => true,
      () => false,
    );
  await eventually("Redis answers", isConnected);
  return kv;
}

test.before(async (t) => {
  if (hasRedis) {
    server = await startRedis();
    return;
  }
  if (process.env.CI === "true") t.fail("redis-server is missing: the contract of kv cannot be tested on it");
  t.log("redis-server is missing: kv is tested in memory only");
});

test.after.always(() => server?.stop());

const drivers: Readonly<Record<string, () => KvStore | Promise<KvStore>>> = {
  memory: () => createMemoryKv(),
  "an overlay": () => createOverlayKv(createMemoryKv()),
  ...(hasRedis && { Redis: redis }),
};

for (const [name, open] of Object.entries(drivers)) {
  const contract = (title: string, run: Contract) =>
    test(`kv in ${name}: ${title}`, async (t) => {
      const kv = await open();
      t.teardown(() => kv.close());
      await run(t, kv, (key) => `${++last}:${key}`);
    });

  contract("get, set and delete", async (t, kv, key) => {
    const a = key("a");
    t.is(await kv.get(a), null);
    await kv.set(a, '"é\\u0000"');
    t.is(await kv.get(a), '"é\\u0000"');
    await kv.set(a, "2");
    t.is(await kv.get(a), "2");
    t.true(await kv.delete(a));
    t.false(await kv.delete(a));
    t.is(await kv.get(a), null);
  });

  contract("a value expires, and a new one without expiry stays", async (t, kv, key) => {
    const [a, b] = [key("a"), key("b")];
    await kv.set(a, "1", 20);
    await kv.set(b, "1", 20);
    await kv.set(b, "2");
    await gone(kv, a);
    t.is(await kv.get(b), "2");
  });

  contract("increment counts from 0, and the first one's expiry counts", async (t, kv, key) => {
    const a = key("a");
    t.is(await kv.increment(a, 1, 60_000), 1);
    t.is(await kv.increment(a, -3), -2);
    t.is(await kv.get(a), "-2");
    // On a busy machine the first one's time may be over before the second: then that is a first one, and stays.
    const b = await eventually("a second one within the first one's time", async () => {
      const tried = key("b");
      t.is(await kv.increment(tried, 1, 20), 1);
      return (await kv.increment(tried, 1, 60_000)) === 2 && tried;
    });
    await gone(kv, b);
    t.is(await kv.increment(b, 1), 1);
  });

  contract("increment refuses what is no whole number", async (t, kv, key) => {
    const a = key("a");
    for (const value of ['"1"', "1.5", "{}", "9007199254740991"]) {
      await kv.set(a, value);
      await t.throwsAsync(kv.increment(a, 1), { message: /not a whole number, or becomes too large/ });
      t.is(await kv.get(a), value);
    }
  });

  contract("of increments at once none is lost", async (t, kv, key) => {
    const other = await open();
    t.teardown(() => other.close());
    // What another connection counts is only this store's in Redis.
    const stores = name !== "Redis" ? [kv] : [kv, other];
    const a = key("a");
    const sums = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (stores[i % stores.length] as KvStore).increment(a, 1)),
    );
    t.deepEqual(
      sums.sort((x, y) => x - y),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
  });

  contract("compareAndSet sets only what is expected", async (t, kv, key) => {
    const a = key("a");
    t.false(await kv.compareAndSet(a, "1", "2"));
    t.true(await kv.compareAndSet(a, null, "1"));
    t.false(await kv.compareAndSet(a, null, "2"));
    t.true(await kv.compareAndSet(a, "1", "2", 60_000));
    t.is(await kv.get(a), "2");
    t.true(await kv.compareAndSet(a, "2", null));
    t.is(await kv.get(a), null);
    t.true(await kv.compareAndSet(a, null, null));
    t.true(await kv.compareAndSet(a, null, "3", 20));
    await gone(kv, a);
  });

  contract("of those who compare and set at once one wins", async (t, kv, key) => {
    const a = key("a");
    await kv.set(a, "0");
    const wins = await Promise.all(
      Array.from({ length: 50 }, (_, i) => kv.compareAndSet(a, "0", String(i + 1))),
    );
    t.is(wins.filter(Boolean).length, 1);
  });
}

test("kv in memory refuses new keys when it is full, not those that it has, and makes room of what has expired", async (t) => {
  let now = 0;
  const kv = createMemoryKv({ now: () => now, maxEntries: 2 });
  await kv.increment("a", 1, 100);
  await kv.increment("b", 1);
  await t.throwsAsync(kv.increment("c", 1), { message: /kv is full: it has 2 keys/ });
  t.is(await kv.increment("a", 1), 2);
  now = 2000;
  t.is(await kv.increment("c", 1), 1);
  t.is(await kv.increment("b", 1), 2);
});

test("kv in memory holds so many bytes and no more", async (t) => {
  const kv = createMemoryKv({ maxBytes: 1000 });
  await kv.set("a", "x".repeat(700));
  await t.throwsAsync(kv.set("b", "x".repeat(300)), { message: /kv is full/ });
  await t.throwsAsync(kv.set("a", "x".repeat(1000)), { message: /kv is full/ });
  await kv.delete("a");
  await kv.set("b", "x".repeat(700));
  t.is((await kv.get("b"))?.length, 700);
});

test("one that fills the memory leaves room for others", async (t) => {
  const kv = createMemoryKv({ maxEntries: 10, maxBytes: 10_000 });
  for (let i = 0; i < 5; i++) await kv.set(`greedy:${i}`, "1");
  await t.throwsAsync(kv.set("greedy:6", "1"), { name: "CapabilityError", message: /kv is full: .*half/ });
  await kv.set("greedy:1", "2");
  for (let i = 0; i < 5; i++) await kv.set(`modest:${i}`, "1");
  await t.throwsAsync(kv.set("third:1", "1"), { message: /kv is full/ });
  await kv.delete("greedy:1");
  await kv.set("third:1", "1");
  await t.throwsAsync(kv.set("modest:1", "x".repeat(5000)), { message: /kv is full/ });
});

test("an overlay reads what is below, and writes nothing there", async (t) => {
  let now = 0;
  const below = createMemoryKv({ now: () => now });
  const kv = createOverlayKv(below, { now: () => now, maxEntries: 3 });
  await below.set("count", "5");
  await below.set("name", '"anna"');
  t.is(await kv.get("name"), '"anna"');
  t.deepEqual(await Promise.all([kv.increment("count", 1, 100), kv.increment("count", 1, 100)]), [6, 7]);
  t.true(await kv.compareAndSet("name", '"anna"', '"berta"', 100));
  t.true(await kv.delete("name"));
  t.is(await kv.get("name"), null);
  t.false(await kv.delete("name"));
  await kv.set("own", "1");
  t.deepEqual(
    [await below.get("count"), await below.get("name"), await below.get("own")],
    ["5", '"anna"', null],
  );
  t.false(kv.hasLost());
  await t.throwsAsync(kv.set("more", "1"), { message: /the overlay of a shadow has room for 3 keys/ });
  t.true(kv.hasLost());
  t.is(await kv.increment("count", 1), 8);
  now = 200;
  t.is(await kv.get("count"), "5");
  await kv.set("more", "1");
  t.is(await kv.get("name"), null);
});

test("what an overlay deletes takes room only where something below is to be hidden, and is hidden for good", async (t) => {
  let now = 0;
  const below = createMemoryKv();
  await below.set("a", "1");
  await below.set("b", "2");
  const kv = createOverlayKv(below, { now: () => now, maxEntries: 3 });
  for (const key of ["x", "y", "z", "u", "v"]) {
    await kv.set(key, "1");
    t.true(await kv.delete(key));
    t.true(await kv.compareAndSet(key, null, "2"));
    t.true(await kv.compareAndSet(key, "2", null));
    t.is(await kv.get(key), null);
    t.true(await kv.compareAndSet(key, null, null));
  }
  t.true(await kv.delete("a"));
  t.true(await kv.compareAndSet("b", "2", null));
  now = 1e12;
  t.deepEqual([await kv.get("a"), await kv.get("b")], [null, null]);
  await kv.set("a", "3");
  t.true(await kv.delete("a"));
  t.is(await kv.get("a"), null);
  await kv.set("c", "1");
  t.false(kv.hasLost());
});

test("without Redis calls fail at once, and one problem is told, without the password", async (t) => {
  const problems: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const link = openRedisLink({
    url: "redis://user:hunter2@127.0.0.1:1",
    onLost(reason) {
      problems.push(reason);
      resolve();
    },
    onBack: () => t.fail("there is nothing to be back"),
  });
  const kv = createRedisKv(link, { prefix: "", close: link.close });
  await promise;
  await t.throwsAsync(kv.get("a"), { message: "kv: no connection to Redis" });
  await t.throwsAsync(kv.increment("a", 1), { message: "kv: no connection to Redis" });
  await kv.close();
  t.is(problems.length, 1);
  t.notRegex(problems[0] ?? "", /hunter2/);
});

type Contract = (t: ExecutionContext, kv: KvStore, key: (name: string) => string) => Promise<void>;

async function gone(kv: KvStore, key: string): Promise<void> {
  await eventually(`${key} is gone`, async () => (await kv.get(key)) === null);
}
