import test from "ava";
import fc from "fast-check";
import { dueTimes, NO_PACE } from "../../core/steering/pace.ts";
import { hintReconnect } from "../../core/steering/reconnect-hint.ts";
import { dealShares } from "../../core/steering/shares.ts";

test("without a pace all are due at once; over a time at even distances, the first now", (t) => {
  t.deepEqual(dueTimes(3, NO_PACE), [0, 0, 0]);
  t.deepEqual(dueTimes(4, { ...NO_PACE, overMs: 1000 }), [0, 250, 500, 750]);
  t.deepEqual(dueTimes(0, { ...NO_PACE, overMs: 1000 }), []);
});

test("the rate lengthens the time where it must, and jitter comes late by no more than a stretch", (t) => {
  t.deepEqual(dueTimes(4, { overMs: 100, perSecond: 2, jitter: 0 }), [0, 500, 1000, 1500]);
  t.deepEqual(
    dueTimes(2, { overMs: 0, perSecond: 1, jitter: 0.5 }, () => 1),
    [500, 1500],
  );
});

test("a Close names a time to come again, or nothing", (t) => {
  const status = { code: 1012, reason: "gateway is stopping" };
  t.is(hintReconnect(status, 0).reason, status.reason);
  t.is(hintReconnect(status, 5000, 0).reason, "gateway is stopping; retry-after=0.0");
  t.is(hintReconnect(status, 5000, 0.999).reason, "gateway is stopping; retry-after=5.0");
});

const pace = fc.record({
  overMs: fc.nat(100_000),
  perSecond: fc.integer({ min: 1, max: 500 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("whatever the pace: in order, and no second has more than the rate and one", (t) => {
  fc.assert(
    fc.property(fc.nat(300), pace, (count, wanted) => {
      const due = dueTimes(count, wanted);
      for (const [index, at] of due.entries()) {
        t.true(at >= (due[index - 1] ?? 0));
        const later = due[index + wanted.perSecond + 1];
        t.true(later === undefined || later - at >= 1000 - 1e-6);
      }
    }),
  );
});

test("what is dealt out is all of it, in proportion, and nobody has more than he has left", (t) => {
  t.deepEqual(dealShares(5, [30, 10, 10]), [3, 1, 1]);
  t.deepEqual(dealShares(1, [1, 5]), [0, 1]);
  t.deepEqual(dealShares(9, [1, 5]), [1, 5]);
  t.deepEqual(dealShares(0, []), []);
  fc.assert(
    fc.property(fc.nat(1000), fc.array(fc.nat(300)), (count, left) => {
      const shares = dealShares(count, left);
      const total = left.reduce((sum, each) => sum + each, 0);
      t.is(
        shares.reduce((sum, share) => sum + share, 0),
        Math.min(count, total),
      );
      t.true(shares.every((share, index) => share >= 0 && share <= (left[index] ?? 0)));
    }),
  );
});
