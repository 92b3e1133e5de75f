import test from "ava";
import { TokenBucket } from "../../../core/leases/settled/token-bucket.ts";

test("so many messages at once, then one for each part of the time", (t) => {
  const bucket = new TokenBucket({ messages: 4, bytes: 0, perMs: 1_000 }, 0);
  const passed = Array.from({ length: 6 }, () => bucket.tryTake(0, 1, 1_000_000));
  t.deepEqual(passed, [true, true, true, true, false, false]);
  t.false(bucket.tryTake(249, 1, 0));
  t.true(bucket.tryTake(250, 1, 0));
  t.false(bucket.tryTake(250, 1, 0));
  t.is(bucket.refillMs(250), 1_000);
});

test("it never holds more than a full bucket", (t) => {
  const bucket = new TokenBucket({ messages: 2, bytes: 0, perMs: 1_000 }, 0);
  t.deepEqual(
    Array.from({ length: 3 }, () => bucket.tryTake(60_000, 1, 0)),
    [true, true, false],
  );
});

test("bytes count beside messages, and what is refused costs nothing", (t) => {
  const bucket = new TokenBucket({ messages: 10, bytes: 100, perMs: 1_000 }, 0);
  t.true(bucket.tryTake(0, 1, 60));
  t.false(bucket.tryTake(0, 1, 41));
  t.true(bucket.tryTake(0, 1, 40));
  t.false(bucket.tryTake(0, 1, 1));
});

test("a message larger than the bucket passes a full one and is made good", (t) => {
  const bucket = new TokenBucket({ messages: 0, bytes: 100, perMs: 1_000 }, 0);
  t.true(bucket.tryTake(0, 1, 300));
  t.is(bucket.debtMs(0), 2_000);
  t.false(bucket.tryTake(2_900, 1, 300));
  t.true(bucket.tryTake(3_000, 1, 300));
});

test("what is taken in any case is owed", (t) => {
  const bucket = new TokenBucket({ messages: 2, bytes: 0, perMs: 1_000 }, 0);
  for (let count = 0; count < 5; count++) bucket.take(0, 1, 0);
  t.is(bucket.debtMs(0), 1_500);
  t.is(bucket.debtMs(1_500), 0);
});
