import test from "ava";
import type { RateConfig } from "../../../core/config/index.ts";
import type { Settle } from "../../../core/leases/settled/account.ts";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";
import { RateBuckets } from "../../../core/session/limits/rate-gate.ts";
import { findRateKey } from "../../../core/session/limits/rate-key.ts";
import type { ConnectionContext } from "../../../sandbox/contract.ts";

const rate: RateConfig = {
  ...{ messages: 2, bytes: 0, perMs: 1_000, action: "close" },
  key: { source: "address", name: "" },
};

function createBuckets(settle?: Settle) {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const buckets = new RateBuckets(deadlines, () => now, settle);
  let counted = 0;
  return {
    buckets,
    open: (key: string | undefined) => buckets.open(rate, key, () => counted++),
    counted: () => counted,
    pass(ms: number) {
      now += ms;
      deadlines.tick();
    },
  };
}

test("sessions of one key share a bucket, others do not", (t) => {
  const { buckets, open } = createBuckets();
  const [a, b, c] = [open("k"), open("k"), open("other")];
  const alone = [open(undefined), open(undefined)];
  t.true(a.tryTake(2, 0));
  t.false(b.tryTake(1, 0));
  t.true(c.tryTake(1, 0));
  for (const gate of alone) t.true(gate.tryTake(2, 0));
  t.is(buckets.size, 2);
});

test("who comes again meets the bucket as it was left, until it is full again", (t) => {
  const { buckets, open, pass } = createBuckets();
  const first = open("k");
  first.tryTake(2, 0);
  first.leave();
  pass(400);
  const second = open("k");
  t.false(second.tryTake(1, 0));
  second.leave();
  pass(590);
  t.is(buckets.size, 1);
  pass(100);
  t.is(buckets.size, 0);
});

test("a bucket that somebody uses stays", (t) => {
  const { buckets, open, pass } = createBuckets();
  const [first, second] = [open("k"), open("k")];
  first.leave();
  pass(60_000);
  t.is(buckets.size, 1);
  second.tryTake(2, 0);
  second.leave();
  pass(2_000);
  t.is(buckets.size, 0);
});

test("keys that come and go do not fill the memory", (t) => {
  const { buckets, open } = createBuckets();
  for (let count = 0; count < 100_010; count++) open(`${count}`).leave();
  t.is(buckets.size, 100_000);
});

test("what others have let in is gone here too, and a bucket that nobody uses stays until that is made good", async (t) => {
  const told: unknown[] = [];
  const { buckets, open, pass } = createBuckets(async (settlements) => {
    told.push(...settlements);
    return settlements.map(() => ({ messages: -2, bytes: 0 }));
  });
  const [gate, alone] = [open("k"), open(undefined)];
  t.true(alone.tryTake(1, 0));
  t.true(gate.tryTake(1, 0));
  gate.take(0, 7);
  t.is(gate.debtMs(), 0, "decided by its own bucket");
  gate.leave();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(told, [{ key: "k", limit: { messages: 2, bytes: 0, perMs: 1_000 }, messages: 1, bytes: 7 }]);
  t.is(gate.debtMs(), 1_000);
  t.true(alone.tryTake(1, 0));
  pass(1_900);
  t.is(buckets.size, 1);
  t.true(open("k").tryTake(1, 0));
  t.false(open("k").tryTake(1, 0));
});

test("the key is what the config names, and the address where that is missing", (t) => {
  const context = {
    request: { headers: [["X-Key", "k1"]] },
    client: { address: "10.0.0.1" },
    attributes: { tenant: 7 },
  } as unknown as ConnectionContext;
  const keyOf = (source: RateConfig["key"]["source"], name = "") =>
    findRateKey({ ...rate, key: { source, name } }, "client", "/", context);
  t.is(keyOf("connection"), undefined);
  t.regex(String(keyOf("address")), /"address","10.0.0.1"\]$/);
  t.regex(String(keyOf("header", "x-key")), /"header","k1"\]$/);
  t.regex(String(keyOf("header", "x-other")), /"address","10.0.0.1"\]$/);
  t.regex(String(keyOf("attribute", "tenant")), /"attribute",7\]$/);
  t.regex(String(keyOf("attribute", "constructor")), /"address","10.0.0.1"\]$/);
  t.not(
    keyOf("address"),
    findRateKey({ ...rate, key: { source: "address", name: "" } }, "server", "/", context),
  );
});

test("each message that is one too many, and each delay, is counted", (t) => {
  const { open, counted } = createBuckets();
  const gate = open("k");
  gate.tryTake(2, 0);
  t.is(counted(), 0);
  gate.tryTake(1, 0);
  gate.tryTake(1, 0);
  t.is(counted(), 2);
  gate.take(1, 0);
  t.is(counted(), 2);
  gate.countDelay();
  t.is(counted(), 3);
});
