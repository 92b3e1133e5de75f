import test from "ava";
import fc from "fast-check";
import { advanceWatch, NOTHING_SEEN } from "../../../../sandbox/client/process/entry-watch.ts";

type Look = readonly [entry: number, limitMs: number, cpuMs: number];

/** Whether it hangs, at each look. */
function play(...looks: readonly Look[]): (number | undefined)[] {
  let state = NOTHING_SEEN;
  return looks.map(([entry, limitMs, cpuMs]) => {
    const next = advanceWatch(state, { entry, limitMs }, cpuMs);
    ({ state } = next);
    return next.hangsForMs;
  });
}

test("an entry hangs when it has used 25 ms more than it may", (t) => {
  t.deepEqual(play([1, 60, 1000], [1, 60, 1085], [1, 60, 1086]), [undefined, undefined, 86]);
});

test("what was not let run has used nothing, and each entry has its own time", (t) => {
  t.deepEqual(play([1, 10, 1000], [1, 10, 1000], [1, 10, 1001]), [undefined, undefined, undefined]);
  t.deepEqual(play([1, 10, 1000], [2, 10, 1900], [0, 0, 2900], [2, 10, 3900]), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("property: entries that keep within their limits never hang, however they are looked at", (t) => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 50 });
  fc.assert(
    fc.property(steps, (looks) => {
      let [entry, cpuMs, usedMs] = [1, 0, 0];
      const seen = looks.map(([isNext, spent]): Look => {
        if (isNext || usedMs + spent > 60) [entry, usedMs] = [entry + 1, 0];
        else usedMs += spent;
        cpuMs += spent;
        return [entry, 60, cpuMs];
      });
      t.true(play(...seen).every((hangs) => hangs === undefined));
    }),
  );
});
