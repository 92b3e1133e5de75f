import test from "ava";
import { createPulseMeter } from "../../../core/admin/sockets/pulse-meter.ts";
import type { GatewayEvent } from "../../../core/events.ts";
import { quantileOf, quantileOfValues } from "../../../core/metrics/quantile.ts";
import { latencyBounds, MessageMeter } from "../../../core/session/meters/message-meter.ts";

const noStats = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };
const feeling = { eventLoopP99Ms: 0, bufferedBytes: 0, held: 0, calls: 0, policyUs: 0 };

test("a share of counted values lies in its bucket, of values that are there it is one of them", (t) => {
  const bounds = [10, 20, 40, Number.POSITIVE_INFINITY];
  t.is(quantileOf([0, 0, 0, 0], bounds, 0.5), undefined);
  t.is(quantileOf([10, 0, 0, 0], bounds, 0.5), 5);
  t.is(quantileOf([0, 10, 10, 0], bounds, 0.5), 20);
  t.is(quantileOf([0, 10, 10, 0], bounds, 0.75), 30);
  t.is(quantileOf([0, 0, 1, 99], bounds, 0.99), 40);
  t.is(quantileOfValues([], 0.5), undefined);
  t.is(quantileOfValues([3, 1, 2], 0.5), 2);
  t.is(quantileOfValues([3, 1, 2], 0.99), 3);
});

test("times are percentiles over all workers, of the last ten seconds; what fails is told from what is refused", async (t) => {
  let workers = [countsOf(0.1, 99), countsOf(100, 1)];
  const meter = createPulseMeter({
    traffic: async () => [],
    pulses: async () => workers.map((latencies) => ({ ...feeling, latencies })),
    trafficStats: () => noStats,
  });
  t.teardown(() => meter.close());
  const upgrade = { route: "/", path: "/", id: "w-1", client: "", detail: "" };
  for (const [code, status] of [
    ["ERR_REJECTED", 401],
    ["ERR_REJECTED", 503],
    ["ERR_NO_ROUTE", 404],
    ["ERR_UPSTREAM_CONNECT", 502],
  ] as const)
    meter.observe({ type: "upgrade-refused", ...upgrade, code, status, durationMs: 1 } as GatewayEvent);
  await meter.beat();
  const [first] = meter.pulses;
  t.deepEqual(first?.upgrades, { accepted: 0, refused: 3, failed: 1 });
  t.is(first?.upgradeMs, null);
  const { p50 = 0, p99 = 0 } = first?.latencyMs ?? {};
  t.true(p50 > 0.06 && p50 <= 0.13, String(p50));
  t.true(p99 > 0.06 && p99 <= 0.13, String(p99));

  workers = [countsOf(100, 99)];
  await meter.beat();
  const later = meter.pulses.at(-1)?.latencyMs;
  t.true(later !== null && later !== undefined && later.p99 > 60 && later.p99 <= 132, JSON.stringify(later));
  workers = [[]];
  for (let beat = 0; beat < 10; beat++) await meter.beat();
  t.is(meter.pulses.at(-1)?.latencyMs, null);
});

/** So many messages that were so long in the gateway, by the buckets of a worker. */
function countsOf(ms: number, messages: number): readonly number[] {
  const meter = new MessageMeter();
  meter.addLatency(ms, messages);
  const { upTo } = meter.latencies.read();
  return latencyBounds.map((bound) => upTo.find(([each]) => each === bound)?.[1] ?? 0);
}
