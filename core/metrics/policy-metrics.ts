import type { HookStats, SandboxStats } from "../../sandbox/contract/stats.ts";
import { countedHistogram } from "./counted-histogram.ts";
import { Counter, Gauge, type MetricSet } from "./metric-set.ts";
import type { MetricsJson } from "./metrics-json.ts";

/** The sandbox's books as metrics: nothing is counted here, only read when somebody asks. */
export interface PolicyMetrics {
  set(stats: SandboxStats): void;
}

/** A verdict can be several things at once, so that these do not add up to the calls. */
const VERDICTS = {
  unchanged: "unchanged",
  replaced: "replaced",
  dropped: "dropped",
  replied: "replied",
  appended: "appended",
  closed: "closed",
  rejected: "rejected",
  fault: "faults",
} as const satisfies Readonly<Record<string, keyof HookStats>>;

export function createPolicyMetrics(registers: MetricSet[]): PolicyMetrics {
  const calls = new Counter({
    name: "framegate_policy_calls_total",
    help: "Policy calls that have settled, by route, policy and hook.",
    labelNames: ["route", "policy", "hook"],
    registers,
  });
  const byVerdict = new Counter({
    name: "framegate_policy_verdicts_total",
    help: "What policy calls did, by route, policy, hook and verdict.",
    labelNames: ["route", "policy", "hook", "verdict"],
    registers,
  });
  const skipped = new Counter({
    name: "framegate_policy_skipped_total",
    help: "Messages that a policy's `when` is not for, by route, policy and hook: the hook was not called.",
    labelNames: ["route", "policy", "hook"],
    registers,
  });
  const seconds = new Counter({
    name: "framegate_policy_seconds_total",
    help: "Time in the isolate, by route, policy and hook.",
    labelNames: ["route", "policy", "hook"],
    registers,
  });
  const heap = new Gauge({
    name: "framegate_policy_heap_bytes",
    help: "Heap of the isolates of all workers, by policy.",
    labelNames: ["policy"],
    registers,
  });
  const breaker = new Gauge({
    name: "framegate_policy_breaker",
    help: "Workers whose breaker is in this state, by policy.",
    labelNames: ["policy", "state"],
    registers,
  });

  return {
    set({ policies }) {
      for (const metric of [calls, byVerdict, skipped, seconds, heap, breaker]) metric.reset();
      for (const { policy, routes, heapBytes, breaker: current } of policies) {
        heap.set({ policy }, heapBytes);
        for (const state of ["closed", "open", "half-open"])
          breaker.set({ policy, state }, state === current ? 1 : 0);
        for (const { route, hooks } of routes) {
          for (const stats of hooks) addCalls({ route, policy, hook: stats.hook }, stats);
        }
      }
    },
  };

  function addCalls(labels: { route: string; policy: string; hook: string }, stats: HookStats): void {
    calls.inc(labels, stats.calls);
    skipped.inc(labels, stats.skipped);
    seconds.inc(labels, stats.timeUs / 1e6);
    for (const [verdict, key] of Object.entries(VERDICTS)) byVerdict.inc({ ...labels, verdict }, stats[key]);
  }
}

export function batchHistogram({ calls, upTo }: SandboxStats["batches"]): MetricsJson[number] {
  const help = "Calls that went to a policy's isolate together.";
  return countedHistogram("framegate_policy_batch_calls", help, [{ labels: {}, sum: calls, upTo }]);
}

export function heldHistogram({ policies }: Pick<SandboxStats, "policies">): MetricsJson[number] {
  const help = "For how long policies held back messages before they sent them, by route, policy and hook.";
  const series = policies.flatMap(({ policy, routes }) =>
    routes.flatMap(({ route, hooks }) =>
      hooks.flatMap(({ hook, held }) =>
        held === undefined
          ? []
          : [
              {
                labels: { route, policy, hook },
                sum: held.sum / 1000,
                upTo: held.upTo.map(([bound, messages]) => [bound / 1000, messages] as const),
              },
            ],
      ),
    ),
  );
  return countedHistogram("framegate_policy_held_seconds", help, series);
}
