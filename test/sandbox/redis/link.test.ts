import test from "ava";
import { defineRedisScript, openRedisLink, type RedisLink } from "../../../sandbox/index.ts";
import { watchOutage } from "../../../sandbox/redis/outage.ts";
import { eventually } from "../../support/eventually.ts";
import { has } from "../../support/needs.ts";
import { startRedis, type TestRedis } from "../../support/servers/redis.ts";

const double = defineRedisScript(`return redis.call("INCRBY", KEYS[1], ARGV[1] * 2)`);

async function open(redis: TestRedis, told: string[] = []): Promise<RedisLink> {
  const link = openRedisLink({
    url: redis.url,
    onLost: () => told.push("lost"),
    onBack: () => told.push("back"),
  });
  await eventually("Redis can be had", () => link.isUp());
  return link;
}

test("scripts, errors, messages, and all of it again after a loss", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const told: string[] = [];
  const link = await open(redis, told);
  const other = await open(redis);
  t.teardown(() => Promise.all([link.close(), other.close()]));

  t.is(await link.script(double, { keys: ["a"], args: [2] }), 4);
  redis.ask("SCRIPT", "FLUSH");
  t.is(await link.script(double, { keys: ["a"], args: [2] }), 8);
  t.true(redis.ask("INFO", "commandstats").includes("cmdstat_evalsha"));
  await t.throwsAsync(link.run(["HGET", "a", "b"]), { code: "ERR_REDIS_REFUSED", message: /^WRONGTYPE/ });

  const got: string[] = [];
  let active = 0;
  const end = link.subscribe("news", {
    onMessage: (message) => got.push(`1 ${message}`),
    onActive: () => active++,
  });
  await eventually("the first one listens", () => active === 1);
  link.subscribe("news", { onMessage: (message) => got.push(`2 ${message}`), onActive: () => active++ });
  await eventually("the second one listens", () => active === 2);
  await other.publish("news", "x");
  await eventually("both have it", () => got.length === 2);
  end();
  await other.publish("news", "y");
  await eventually("one has it", () => got.length === 3);
  t.deepEqual(got, ["1 x", "2 x", "2 y"]);

  await redis.kill();
  await eventually("both connections are lost", () => told.length > 0);
  await t.throwsAsync(link.run(["GET", "a"]), { code: "ERR_REDIS_LOST", message: "no connection to Redis" });
  await redis.start();
  await eventually("it is back", () => told.length > 1);
  t.deepEqual(told, ["lost", "back"]);
  t.is(active, 3);
  await eventually("the other one is back", () => other.isUp());
  await other.publish("news", "z");
  await eventually("it has it", () => got.length === 4);
  t.is(await link.script(double, { keys: ["a"], args: [2] }), 4);
});

test("a password is in no message, whatever a server answers", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis({ lines: ["user default off", "rename-command HELLO OLD"] });
  t.teardown(() => redis.stop());
  const reasons: string[] = [];
  const link = openRedisLink({
    ...{ url: redis.url, login: { user: "anna", password: "hunter2" } },
    ...{ onLost: (reason) => reasons.push(reason), onBack: () => {} },
  });
  t.teardown(() => link.close());
  await eventually("it is told", () => reasons.length === 1);
  t.regex(reasons[0] ?? "", /unknown command|NOAUTH|WRONGPASS/);
  t.notRegex(reasons[0] ?? "", /hunter2/);
});

test("of an outage of several parts its beginning and its end are told", (t) => {
  const told: string[] = [];
  const outage = watchOutage({ onLost: (reason) => told.push(reason), onBack: () => told.push("back") });
  outage.recover("a");
  outage.lose("a", "first");
  outage.lose("a", "again");
  outage.lose("b", "second");
  outage.recover("a");
  t.false(outage.isOver());
  outage.recover("b");
  outage.recover("b");
  t.true(outage.isOver());
  t.deepEqual(told, ["first", "back"]);
});
