import test from "ava";
import { batchLimitMs } from "../../../../sandbox/host/limits/time-limit.ts";

const limits = { messageTimeoutMs: 50, upgradeTimeoutMs: 250 };

test("the time for a batch grows with what there is to read, up to that of the slowest hook", (t) => {
  t.is(batchLimitMs(false, 0, limits), 50);
  t.is(batchLimitMs(false, 100_000, limits), 50);
  t.is(batchLimitMs(false, 16 * 2 ** 20, limits), 178);
  t.is(batchLimitMs(false, 2 ** 30, limits), 250);
  t.is(batchLimitMs(false, 2 ** 30, { messageTimeoutMs: 300, upgradeTimeoutMs: 250 }), 300);
  t.is(batchLimitMs(true, 2 ** 30, limits), 250);
});
