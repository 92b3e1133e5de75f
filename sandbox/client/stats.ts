import type { PolicyStats } from "../contract.ts";
import { HOOK_NAMES } from "../wire/hooks.ts";
import type { Breaker } from "./breaker.ts";
import type { Instance } from "./instance.ts";
import type { PolicyState } from "./policy-state.ts";

/** The books of all policies, those that have been removed included: a count never goes back. */
export function readPolicies(
  policies: Iterable<PolicyState>,
  instances: Iterable<Instance>,
  now: number,
): readonly PolicyStats[] {
  // By name: old versions that are pinned have isolates too.
  const heaps = new Map<string, number>();
  for (const { deployment, heapBytes } of instances) {
    const { name } = deployment.policy;
    heaps.set(name, (heaps.get(name) ?? 0) + heapBytes);
  }
  return [...policies].map((policy) => ({
    policy: policy.name,
    breaker: breakerWords[policy.breaker.state(now)],
    heapBytes: heaps.get(policy.name) ?? 0,
    hooks: policy.counts.flatMap((counts, index) =>
      counts.calls > 0 ? [counts.read(HOOK_NAMES[index]!)] : [],
    ),
  }));
}

const breakerWords = { closed: "closed", open: "open", probing: "half-open" } as const satisfies Record<
  ReturnType<Breaker["state"]>,
  PolicyStats["breaker"]
>;
