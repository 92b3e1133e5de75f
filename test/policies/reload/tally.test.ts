import test from "ava";
import { createTally } from "../../../policies/reload/tally.ts";
import { eventually } from "../../support/eventually.ts";

test("the first is told at once, all others together", async (t) => {
  const told: number[] = [];
  const count = createTally(20, (times) => told.push(times));
  for (let index = 0; index < 100; index++) count();
  t.deepEqual(told, [1]);
  await eventually("the rest", () => told.length > 1);
  t.deepEqual(told, [1, 99]);
});
