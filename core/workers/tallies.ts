import type { PolicyTallies, Tally } from "../../sandbox/contract/stats.ts";
import type { ShadowTally } from "../shadow/shadow-report.ts";

/** How a version that is on its way does, and what it said as a shadow of the one before. */
export interface RolloutTallies extends PolicyTallies {
  readonly shadow: ShadowNumbers;
}

export type ShadowNumbers = Pick<ShadowTally, "calls" | "differs">;

const NO_SHADOW: ShadowNumbers = { calls: 0, differs: 0 };

/** Of one worker. */
export function joinShadows(
  tallies: readonly PolicyTallies[],
  shadows: readonly ShadowTally[],
): readonly RolloutTallies[] {
  return tallies.map((each) => {
    const { policy, canary } = each;
    const shadow = shadows.find((one) => one.policy === policy && one.version === canary.version);
    return { ...each, shadow: shadow ?? NO_SHADOW };
  });
}

/** One entry a version that is on its way, of the books of several workers. Broken anywhere is broken. */
export function sumTallies(workers: readonly (readonly RolloutTallies[])[]): readonly RolloutTallies[] {
  const byVersion = Map.groupBy(workers.flat(), ({ policy, canary }) => `${canary.version} ${policy}`);
  return [...byVersion.values()].map((parts) =>
    parts.reduce((sum, { current, canary, shadow }) => ({
      policy: sum.policy,
      current: addTallies(sum.current, current),
      canary: {
        ...addTallies(sum.canary, canary),
        version: canary.version,
        isBroken: sum.canary.isBroken || canary.isBroken,
      },
      shadow: addShadows(sum.shadow, shadow),
    })),
  );
}

export function addShadows(one: ShadowNumbers = NO_SHADOW, other: ShadowNumbers = NO_SHADOW): ShadowNumbers {
  return { calls: one.calls + other.calls, differs: one.differs + other.differs };
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
