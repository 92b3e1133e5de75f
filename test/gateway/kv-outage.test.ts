import test from "ava";
import { KvOutage } from "../../core/gateway/news/kv-outage.ts";

const lost = (pid: number) => ({ type: "kv-lost", pid, reason: "" }) as const;
const ended = (pid: number) => ({ type: "kv-back", pid, hasEnded: true }) as const;
const back = (pid: number) => ({ type: "kv-back", pid }) as const;

test("of several workers without Redis the first is news, and the last that has it again", (t) => {
  const outage = new KvOutage(() => false);
  const take = [lost(1), lost(2), lost(1), back(1), back(1), lost(3), back(2), back(3), lost(1), back(1)];
  t.deepEqual(
    take.map((event) => outage.take(event)),
    [true, false, false, false, false, false, false, true, true, true],
  );
});

test("a worker that ends is no news of Redis, but for the last one without it while the gateway goes on", (t) => {
  let isStopping = false;
  const outage = new KvOutage(() => isStopping);
  t.false(outage.take(ended(1)));
  t.true(outage.take({ type: "host-started", pid: 1 }));
  outage.take(lost(1));
  t.true(outage.take(ended(1)));
  outage.take(lost(1));
  isStopping = true;
  t.false(outage.take(ended(1)));
  outage.take(lost(2));
  t.true(outage.take(back(2)));
});
