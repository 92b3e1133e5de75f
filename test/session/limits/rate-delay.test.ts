import test from "ava";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";
import { RateDelay } from "../../../core/session/limits/rate-delay.ts";
import type { RateGate } from "../../../core/session/limits/rate-gate.ts";

function createFixture() {
  let now = 0;
  let debtMs = 0;
  let delays = 0;
  let asked = 0;
  const rate: RateGate = {
    action: "delay",
    tryTake: () => true,
    take() {},
    debtMs: () => debtMs,
    countDelay: () => delays++,
    leave() {},
  };
  const deadlines = new Deadlines(() => now);
  return {
    delay: new RateDelay(rate, deadlines, () => asked++),
    owe(ms: number) {
      debtMs = ms;
    },
    pass(ms: number) {
      now += ms;
      deadlines.tick();
    },
    counts: () => ({ delays, asked }),
  };
}

test("a sender in debt is held up until it has been made good, and asked about then", (t) => {
  const { delay, owe, pass, counts } = createFixture();
  t.false(delay.isDue());
  owe(200);
  t.true(delay.isDue());
  t.true(delay.isDue());
  pass(100);
  t.deepEqual(counts(), { delays: 1, asked: 0 });
  pass(200);
  t.deepEqual(counts(), { delays: 1, asked: 1 });
  owe(0);
  t.false(delay.isDue());
});

test("it counts as one delay until the debt is gone, however often it is put off", (t) => {
  const { delay, owe, pass, counts } = createFixture();
  for (let round = 0; round < 3; round++) {
    owe(100);
    t.true(delay.isDue());
    pass(200);
  }
  t.deepEqual(counts(), { delays: 1, asked: 3 });
  owe(0);
  t.false(delay.isDue());
  owe(100);
  t.true(delay.isDue());
  t.is(counts().delays, 2);
  delay.stop();
});

test("nobody is asked once it is stopped", (t) => {
  const { delay, owe, pass, counts } = createFixture();
  owe(100);
  t.true(delay.isDue());
  delay.stop();
  pass(1000);
  t.is(counts().asked, 0);
});
