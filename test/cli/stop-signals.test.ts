import test from "ava";
import { isSamePress } from "../../cli/stop-signals.ts";

test("signals within half a second of the first are of the same press", (t) => {
  t.deepEqual([0, 100, 499, 500, 60_000].map(isSamePress), [true, true, true, false, false]);
});
