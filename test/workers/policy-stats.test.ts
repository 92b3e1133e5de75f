import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { CapBook } from "../../core/leases/caps/cap-book.ts";
import { forkWorker } from "../../core/workers/forked-worker.ts";
import { sumPolicyStats } from "../../core/workers/policy-stats.ts";
import { createPulse } from "../../core/workers/pulse.ts";
import { HookCounts } from "../../sandbox/client/policy/counts/call-counts.ts";
import type { HookStats, PolicyStats, SandboxStats } from "../../sandbox/contract/stats.ts";
import { createMemoryKv } from "../../sandbox/index.ts";
import { bundlePolicy } from "../sandbox/support.ts";

test("the books of workers are summed by policy and hook; a breaker that is open somewhere is open", (t) => {
  const client = hookStats("client", { calls: 2, replaced: 1, timeUs: 5 });
  const upgrade = hookStats("upgrade", { calls: 1, rejected: 1 });
  t.deepEqual(
    sumPolicyStats([
      [{ policy: "a", breaker: "half-open", heapBytes: 10, hooks: [client] }],
      [
        { policy: "a", breaker: "open", heapBytes: 20, hooks: [upgrade, client] },
        { policy: "b", breaker: "closed", heapBytes: 1, hooks: [] },
      ],
    ]),
    [
      {
        ...{ policy: "a", breaker: "open", heapBytes: 30 },
        hooks: [hookStats("client", { calls: 4, replaced: 2, timeUs: 10 }), upgrade],
      },
      { policy: "b", breaker: "closed", heapBytes: 1, hooks: [] },
    ],
  );
});

test("a pulse has the calls of messages and their time since the last one, and what is buffered now", (t) => {
  let hooks = [hookStats("client", { calls: 10, timeUs: 100 })];
  let timed = [5, 2, 0];
  const pulse = createPulse({
    sandboxStats: () => statsOf([{ policy: "a", breaker: "closed", heapBytes: 0, hooks, routes: [] }]),
    latencies: () => timed,
    traffic: () =>
      ["/a", "/b"].map((route) => ({
        ...{ route, sessions: 1, messages: none, bytes: none },
        bufferedBytes: { client: 1, server: 2 },
      })),
    breakpoints: { held: 3 },
  });
  timed = [5, 4, 1];
  hooks = [
    hookStats("client", { calls: 13, timeUs: 130 }),
    hookStats("server", { calls: 1, timeUs: 5 }),
    hookStats("upgrade", { calls: 7, timeUs: 7 }),
  ];
  t.like(pulse(), { calls: 4, policyUs: 35, bufferedBytes: 6, latencies: [0, 2, 1], held: 3 });
  t.like(pulse(), { calls: 0, policyUs: 0, bufferedBytes: 6 });
});

test("a worker process tells its policies' books, and its pulse", async (t) => {
  const config = resolveConfig({}, { dir: "/" });
  const worker = forkWorker(config, {
    emit() {},
    onBatch() {},
    kv: createMemoryKv(),
    askRates: async () => [],
    settleRates: async () => [],
    capBook: new CapBook(),
  });
  t.teardown(() => worker.stop({ code: 1001, spreadMs: 0, timeoutMs: 1 }));
  await worker.begun;
  const bundle = await bundlePolicy("look", "export const client = () => {};");
  await worker.apply({
    routes: [],
    bundles: [bundle],
    canaries: [],
    upstreams: [],
    groups: [],
    quarantine: [],
    capabilities: { grants: {}, secrets: {} },
    traffic: config.traffic,
  });
  t.like(await worker.policyStats(), [{ policy: "look", breaker: "closed", hooks: [] }]);
  const { eventLoopP99Ms, ...rest } = await worker.pulses();
  t.true(eventLoopP99Ms >= 0);
  t.deepEqual(rest, { bufferedBytes: 0, calls: 0, held: 0, policyUs: 0, latencies: [] });
});

const none = { client: 0, server: 0 };

function hookStats(hook: HookStats["hook"], counts: Partial<HookStats>): HookStats {
  return { ...new HookCounts().read(hook), ...counts };
}

function statsOf(policies: readonly PolicyStats[]): SandboxStats {
  return { policies, batches: { calls: 0, upTo: [] }, host: { rssBytes: 0, cpuUs: 0 } };
}
