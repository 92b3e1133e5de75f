import test from "ava";
import { createMemoryKv, createOverlayKv, createRedisKv, openRedisLink } from "../../../sandbox/index.ts";
import { has } from "../../support/needs.ts";
import { openRedisKv, readRights } from "../../support/redis-kv.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { quietPorts } from "../../support/servers/quiet-ports.ts";
import { hasRedis, startRedis, type TestRedis } from "../../support/servers/redis.ts";
import { testKvContract } from "./kv-contract.ts";

const certificate = createCertificate();
let plain: TestRedis | undefined;
let guarded: TestRedis | undefined;

test.before(async (t) => {
  if (!has(t, "redis-server")) return;
  const [port = 0] = await quietPorts(1);
  const [user] = await readRights("hunter2");
  plain = await startRedis();
  guarded = await startRedis({ port, tls: certificate, lines: ["user default off", user] });
});

test.after.always(() => {
  plain?.stop();
  guarded?.stop();
});

testKvContract({ name: "memory", open: () => createMemoryKv(), isShared: false });
testKvContract({ name: "an overlay", open: () => createOverlayKv(createMemoryKv()), isShared: false });
testKvContract({
  name: "Redis",
  isThere: () => hasRedis,
  open: () => openRedisKv({ url: plain!.url }),
  isShared: true,
});
testKvContract({
  name: "Redis over TLS, as a user with the rights that the docs name",
  isThere: () => hasRedis,
  open: () =>
    openRedisKv({
      url: guarded!.url,
      login: { user: "framegate", password: "hunter2" },
      tls: { ca: certificate.cert, verify: true, minVersion: "TLSv1.3", maxVersion: "TLSv1.3" },
    }),
  isShared: true,
});

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
