import test from "ava";
import { createFleetLevels } from "../../../core/fleet/rates/fleet-levels.ts";
import { createFleetRates } from "../../../core/fleet/rates/fleet-rates.ts";
import { type Claim, type OnStoreLoss, RedisError } from "../../../sandbox/index.ts";

const GRANTED = [1, 0, 0];
const lost = () => Promise.reject(new RedisError("ERR_REDIS_LOST", "no connection to Redis"));

/** Over a store that answers as the test says. */
function open(answer: (key: string) => Promise<unknown>, nodes = 1) {
  let now = 1_000;
  const said: string[] = [];
  const rates = createFleetRates({
    store: { key: (tag) => tag, script: (_, { keys }) => answer(keys[0]) as Promise<never> },
    nodes: () => nodes,
    onLost: (reason) => said.push(`lost: ${reason}`),
    onBack: () => said.push("back"),
    read: () => now,
  });
  return {
    said,
    rates,
    async take(onStoreLoss: OnStoreLoss, count = 1, key = "k") {
      const refill = { most: 20, everyMs: 1_000 };
      const claim: Claim = { space: "s", key, refill, onStoreLoss, count, ahead: 5 };
      return (await rates.ask([claim]))[0];
    },
    pass(ms: number) {
      now += ms;
    },
  };
}

test("without its store each limit goes by its own word: a share of it, nothing, or everything", async (t) => {
  const { take, rates, said } = open(lost, 3);
  await take("local", -1);
  t.deepEqual(said, [], "what goes back is missed by nobody");
  t.like(await take("local", 30), { granted: 6, left: 0, waitMs: 3_000 });
  t.like(await take("closed", 30), { granted: 0, waitMs: 1_000 });
  t.like(await take("open", 30), { granted: 30, waitMs: 0 });
  t.like(await open(lost, 50).take("local", 30), { granted: 1, waitMs: 50_000 }, "one at least");
  t.deepEqual(rates.alone(), { local: 30, closed: 30, open: 30 });
  t.like(await take("open", -5), { granted: 0 });
});

test("a loss is said once, and its end when nothing has failed for a second, though a part of it answers meanwhile", async (t) => {
  let isLost = true;
  let count = 0;
  // Of a Redis Cluster one node is gone: every other key can be asked for.
  const { take, said, pass } = open(() => (isLost && count++ % 2 === 0 ? lost() : Promise.resolve(GRANTED)));
  for (let n = 0; n < 10; n++) {
    await take("closed");
    pass(500);
  }
  t.deepEqual(said, ["lost: no connection to Redis"]);
  isLost = false;
  await take("closed");
  pass(1_001);
  t.like(await take("closed"), { granted: 1 });
  t.deepEqual(said, ["lost: no connection to Redis", "back"]);
});

test("nobody waits long for a store that gives no answer; once it answers it is asked again", async (t) => {
  const held: ((reply: unknown) => void)[] = [];
  const { take, said, pass } = open(() => new Promise((resolve) => held.push(resolve)));
  t.like(await take("open"), { granted: 1 });
  t.deepEqual(said, ["lost: it gave no answer for 250 ms"]);
  t.like(await take("closed"), { granted: 0 });
  t.is(held.length, 1, "it is not asked meanwhile");
  held[0]?.(GRANTED);
  await new Promise((resolve) => setImmediate(resolve));
  pass(2_000);
  const later = take("closed");
  await new Promise((resolve) => setImmediate(resolve));
  held[1]?.(GRANTED);
  t.like(await later, { granted: 1 });
  t.deepEqual(said.at(-1), "back");
});

test("where a part of the store gives no answer the others are asked all the same, and a link that is full is no loss", async (t) => {
  let dead = "";
  const { take } = open((key) => {
    dead ||= key;
    return key === dead ? new Promise(() => {}) : Promise.resolve(GRANTED);
  });
  t.like(await take("closed"), { granted: 0 });
  let granted = 0;
  for (let n = 0; n < 100; n++) granted += (await take("closed", 1, `${n}`))?.granted ?? 0;
  t.true(granted > 80 && granted < 100, String(granted));
  const full = open(() => Promise.reject(new RedisError("ERR_REDIS_BUSY", "The queue is full")));
  t.like(await full.take("open"), { granted: 1 });
  t.deepEqual(full.said, []);
});

test("levels: a store that is lost says nothing, and one that gives no answer is asked nothing more until it does", async (t) => {
  const settlement = { key: "k", limit: { messages: 4, bytes: 0, perMs: 1_000 }, messages: 1, bytes: 0 };
  const asked: string[] = [];
  let answer: () => Promise<unknown> = lost;
  const { settle, alone } = createFleetLevels({
    key: (...parts) => parts.join(":"),
    script(_, { keys }) {
      asked.push(...keys);
      return answer() as Promise<never>;
    },
  });
  t.deepEqual(await settle([settlement]), [undefined]);
  const held = Promise.withResolvers<unknown>();
  answer = () => held.promise;
  t.deepEqual(await settle([settlement]), []);
  t.deepEqual(await settle([settlement]), []);
  t.is(asked.length, 2);
  t.regex(asked[0] ?? "", /^[\w-]{22}:level$/, "of one length, whatever the key is");
  held.resolve([0, 0]);
  await new Promise((resolve) => setImmediate(resolve));
  answer = async () => [250_000, 0];
  t.is(alone(), 3);
  t.deepEqual(await settle([settlement]), [{ messages: 3, bytes: 0 }]);
  t.is(alone(), 3);
});
