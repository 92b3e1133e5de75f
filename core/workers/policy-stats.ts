import type { HookStats, PolicyTotals } from "../../sandbox/contract/stats.ts";

/** One entry a policy, of the books of several workers. A breaker counts as open when it is anywhere. */
export function sumPolicyStats(workers: readonly (readonly PolicyTotals[])[]): readonly PolicyTotals[] {
  const byPolicy = Map.groupBy(workers.flat(), ({ policy }) => policy);
  return [...byPolicy].map(([policy, parts]) => ({
    policy,
    breaker:
      (["open", "half-open"] as const).find((state) => parts.some((part) => part.breaker === state)) ??
      "closed",
    heapBytes: parts.reduce((sum, part) => sum + part.heapBytes, 0),
    hooks: sumHooks(parts.flatMap(({ hooks }) => hooks)),
  }));
}

function sumHooks(hooks: readonly HookStats[]): readonly HookStats[] {
  const byHook = Map.groupBy(hooks, ({ hook }) => hook);
  return [...byHook.values()].map((parts) => parts.reduce(addHooks));
}

function addHooks(a: HookStats, b: HookStats): HookStats {
  return {
    hook: a.hook,
    calls: a.calls + b.calls,
    unchanged: a.unchanged + b.unchanged,
    replaced: a.replaced + b.replaced,
    dropped: a.dropped + b.dropped,
    replied: a.replied + b.replied,
    appended: a.appended + b.appended,
    closed: a.closed + b.closed,
    rejected: a.rejected + b.rejected,
    faults: a.faults + b.faults,
    skipped: a.skipped + b.skipped,
    timeUs: a.timeUs + b.timeUs,
  };
}
