import test from "ava";
import { watchLoopDelayByWindow } from "../../core/metrics/loop-delay.ts";
import { eventually } from "../support/eventually.ts";

test("how late the loop was is the same for all who ask in a window, and a new one begins by itself", async (t) => {
  const delay = watchLoopDelayByWindow(300);
  // A tick of its own, so that the pause is between two of those that are measured.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const until = performance.now() + 200;
  while (performance.now() < until);
  const late = await eventually("the window with the pause", () => {
    const read = delay.read();
    return read.maxMs > 100 && read;
  });
  t.is(delay.read().maxMs >= late.maxMs, true, "reading does not reset it");
  await eventually("a window without it", () => delay.read().maxMs < late.maxMs);
});
