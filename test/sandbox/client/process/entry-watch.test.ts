import test from "ava";
import fc from "fast-check";
import { advanceWatch, graceMs, NOTHING_SEEN } from "../../../../sandbox/client/process/entry-watch.ts";

type Look = readonly [entry: number, limitMs: number, nowMs: number, cpuMs: number];

/** Whether it hangs, at each look. */
function play(...looks: readonly Look[]): (number | undefined)[] {
  let state = NOTHING_SEEN;
  return looks.map(([entry, limitMs, nowMs, cpuMs]) => {
    const next = advanceWatch(state, { entry, limitMs }, { nowMs, cpuMs }, graceMs(1000));
    ({ state } = next);
    return next.hangsForMs;
  });
}

const hangs = (...looks: readonly Look[]) => play(...looks).some((ms) => ms !== undefined);

test("an entry hangs when it has used more than 25 ms beyond its limit", (t) => {
  t.deepEqual(play([1, 60, 0, 1000], [1, 60, 60, 1060], [1, 60, 85, 1085], [1, 60, 86, 1086]), [
    ...[undefined, undefined, undefined],
    86,
  ]);
});

test("who lets hosts be silent for longer than a second has as much more patience with what the engine is to stop", (t) => {
  t.deepEqual([100, 1000, 2000, 10_000].map(graceMs), [25, 25, 50, 250]);
});

test("its limit is the clock's, as it is for what stops it; what it uses after that is CPU time", (t) => {
  t.deepEqual(play([1, 60, 0, 1000], [1, 60, 60, 1030], [1, 60, 110, 1055], [1, 60, 112, 1056]), [
    ...[undefined, undefined, undefined],
    56,
  ]);
  t.false(hangs([1, 60, 0, 1000], [1, 60, 59, 1059], [1, 60, 59, 1090], [2, 60, 200, 1095]));
});

test("what was not let run has used nothing, and what has had less than half of its limit was starved", (t) => {
  t.false(hangs([1, 10, 0, 1000], [1, 10, 500, 1000], [1, 10, 9000, 1001]));
  t.false(hangs([1, 60, 0, 1000], [1, 60, 60, 1003], [1, 60, 900, 1029]));
  t.true(hangs([1, 60, 0, 1000], [1, 60, 60, 1003], [1, 60, 900, 1030]));
});

test("each entry has its own time", (t) => {
  t.false(hangs([1, 10, 0, 1000], [2, 10, 900, 1900], [0, 0, 1900, 2900], [2, 10, 2900, 3900]));
});

test("property: entries that end within their limits, or as they are stopped, never hang, however they are looked at", (t) => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60), fc.nat(200)), { maxLength: 50 });
  fc.assert(
    fc.property(steps, (looks) => {
      let [entry, startedAt, nowMs, cpuMs] = [1, 0, 0, 0];
      let isStopped = false;
      const seen = looks.map(([isNext, spent, waited]): Look => {
        if (isNext || isStopped) [entry, startedAt] = [entry + 1, nowMs];
        // Once its time is over it is stopped, which takes a little of the CPU, and any time of the clock.
        isStopped = nowMs - startedAt >= 60;
        nowMs += spent + waited;
        cpuMs += isStopped ? spent % 26 : spent;
        return [entry, 60, nowMs, cpuMs];
      });
      t.false(hangs(...seen));
    }),
  );
});
