import test from "ava";
import { KvOutage } from "../../core/gateway/news/kv-outage.ts";

const lost = (pid: number) => ({ type: "kv-lost", pid, reason: "" }) as const;
const back = (pid: number) => ({ type: "kv-back", pid }) as const;

test("of several workers without Redis the first is news, and the last that has it again", (t) => {
  const outage = new KvOutage();
  const take = [lost(1), lost(2), lost(1), back(1), back(1), lost(3), back(2), back(3), lost(1), back(1)];
  t.deepEqual(
    take.map((event) => outage.take(event)),
    [true, false, false, false, false, false, false, true, true, true],
  );
});

test("a worker that ends with its connection there is no news", (t) => {
  t.false(new KvOutage().take(back(1)));
  t.true(new KvOutage().take({ type: "host-started", pid: 1 }));
});
