import type { PolicyTallies, Tally } from "../../sandbox/contract.ts";

/** One entry a version that is on its way, of the books of several workers. Broken anywhere is broken. */
export function sumTallies(workers: readonly (readonly PolicyTallies[])[]): readonly PolicyTallies[] {
  const byVersion = Map.groupBy(workers.flat(), ({ policy, canary }) => `${canary.version} ${policy}`);
  return [...byVersion.values()].map((parts) =>
    parts.reduce((sum, { current, canary }) => ({
      policy: sum.policy,
      current: addTallies(sum.current, current),
      canary: {
        ...addTallies(sum.canary, canary),
        version: canary.version,
        isBroken: sum.canary.isBroken || canary.isBroken,
      },
    })),
  );
}

export function addTallies(one: Tally, other: Tally): Tally {
  const latency = new Map(one.latency);
  for (const [upToMs, calls] of other.latency) latency.set(upToMs, (latency.get(upToMs) ?? 0) + calls);
  return {
    calls: one.calls + other.calls,
    faults: one.faults + other.faults,
    sessions: one.sessions + other.sessions,
    closes: one.closes + other.closes,
    latency: [...latency].sort(([a], [b]) => a - b),
  };
}
