import test from "ava";
import { createLatency } from "../../../core/upstream/balance/latency.ts";

test("a moving average that fades without news", (t) => {
  const clock = { at: 0 };
  const latency = createLatency(() => clock.at);
  t.is(latency.ms, undefined);
  latency.record(100);
  t.is(latency.ms, 100);
  latency.record(200);
  t.is(latency.ms, 130);
  clock.at += 10_000;
  t.is(latency.ms, 65);
});
