import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import test from "ava";
import { settleDown } from "../../core/gateway/settle.ts";

/** What is asked of V8 before it can be told to collect. */
const hasCollector = () => runInNewContext("typeof gc") === "function";

test("the heap is collected where the process is the gateway's, and left alone where it is a program's", async (t) => {
  const settle = async (ownsProcess: boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    settleDown({ settle: resolve }, ownsProcess).ref();
    await promise;
    await setImmediate();
  };
  await settle(false);
  t.false(hasCollector());
  await settle(true);
  t.true(hasCollector());
});
