import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { createGate, createRerun } from "../../../policies/reload/rerun.ts";

test("requests during a run are one more run, which begins after it", async (t) => {
  const log: string[] = [];
  let end = Promise.withResolvers<void>();
  const rerun = createRerun(async () => {
    log.push("begin");
    await end.promise;
    log.push("end");
  });
  const first = rerun.request();
  const second = rerun.request();
  t.is(rerun.request(), second);
  const { resolve } = end;
  end = Promise.withResolvers<void>();
  resolve();
  await first;
  await turn();
  t.deepEqual(log, ["begin", "end", "begin"]);
  end.resolve();
  await second;
  await rerun.idle();
  t.deepEqual(log, ["begin", "end", "begin", "end"]);
});

test("a request in the very moment a run ends is not run beside the one that waits", async (t) => {
  let running = 0;
  let runs = 0;
  const rerun = createRerun(async () => {
    t.is(++running, 1);
    await turn();
    running--;
    runs++;
  });
  for (let i = 0; i < 50; i++) {
    void rerun.request().then(() => void rerun.request());
    if (i % 3 === 0) await turn();
  }
  await rerun.idle();
  t.is(running, 0);
  t.true(runs > 2);
});

test("idle waits for the run that was asked for last", async (t) => {
  let runs = 0;
  const rerun = createRerun(async () => {
    await turn();
    runs++;
  });
  void rerun.request();
  void rerun.request();
  await rerun.idle();
  t.is(runs, 2);
});

test("a gate lets so many through at a time, in order, whatever becomes of them", async (t) => {
  const gate = createGate(2);
  const began: number[] = [];
  let running = 0;
  const task = (i: number) =>
    gate(async () => {
      began.push(i);
      t.true(++running <= 2);
      await turn();
      running--;
      if (i === 1) throw new Error("one");
      return i;
    });
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map(task));
  const late = [5, 6, 7, 8].map(task);
  await Promise.all(late);
  t.deepEqual(began, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(
    results.map((result) => (result.status === "fulfilled" ? result.value : result.reason.message)),
    [0, "one", 2, 3, 4],
  );
});
