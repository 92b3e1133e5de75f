import test from "ava";
import { countSilence, watchSilence } from "../../../sandbox/redis/silence-watch.ts";
import { eventually } from "../../support/eventually.ts";

test("looks at which nothing had come are counted; what comes begins anew; a process that was held up cannot know", (t) => {
  const count = (...looks: [hasCome: boolean, elapsedMs: number][]) =>
    looks.reduce((silent, [hasCome, elapsedMs]) => countSilence(silent, { hasCome, elapsedMs }, 500), 0);
  t.is(count([false, 500], [false, 510], [false, 990]), 3);
  t.is(count([false, 500], [true, 500], [false, 500]), 1);
  t.is(count([false, 500], [false, 60_000], [false, 500]), 2);
  t.is(count([true, 60_000]), 0);
});

test("what never comes is told once, what has come is not", async (t) => {
  let told = 0;
  const owed = watchSilence(30, () => told++);
  const paid = watchSilence(30, () => t.fail("it has come"));
  paid.begin();
  paid.end();
  owed.begin();
  owed.begin();
  owed.end();
  await eventually("it is told", () => told > 0);
  owed.end();
  owed.begin();
  owed.close();
  t.is(told, 1);
});
