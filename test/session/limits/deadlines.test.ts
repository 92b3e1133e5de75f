import test from "ava";
import { Deadlines } from "../../../core/session/limits/deadlines.ts";

function createClock() {
  let now = 1_000_000;
  const deadlines = new Deadlines(() => now);
  const done: string[] = [];
  return {
    deadlines,
    done,
    due: (inMs: number, name: string) => deadlines.add(now + inMs, () => done.push(name)),
    pass(ms: number) {
      now += ms;
      deadlines.tick();
    },
  };
}

test("what is due is done in its order, nothing early", (t) => {
  const { due, pass, done } = createClock();
  due(200, "b");
  due(99, "a");
  due(86_400_000, "tomorrow");
  pass(98);
  t.deepEqual(done, []);
  pass(52);
  t.deepEqual(done, ["a"]);
  pass(1000);
  t.deepEqual(done, ["a", "b"]);
  pass(86_400_000);
  t.deepEqual(done, ["a", "b", "tomorrow"]);
});

test("what is cancelled is not done, not even by what is due with it", (t) => {
  const { deadlines, due, pass, done } = createClock();
  const early = due(100, "early");
  deadlines.add(1_000_100, () => deadlines.cancel(late));
  const late = due(100, "late");
  deadlines.cancel(early);
  deadlines.cancel(early);
  pass(100);
  t.deepEqual(done, []);
});

test("what is due at once is done at the next tick, also when asked for by what was due", (t) => {
  const { deadlines, due, pass, done } = createClock();
  deadlines.add(0, () => due(0, "next"));
  pass(50);
  t.deepEqual(done, []);
  pass(50);
  t.deepEqual(done, ["next"]);
});

test("the clock goes while something is due", async (t) => {
  const deadlines = new Deadlines();
  // The interval alone keeps no process running.
  const running = setInterval(() => {}, 1000);
  const before = deadlines.now;
  await new Promise<void>((resolve) => deadlines.add(before + 60, resolve));
  clearInterval(running);
  t.true(deadlines.now >= before + 60);
});
