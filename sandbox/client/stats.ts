import type { HookStats, PolicyStats, PolicyTallies } from "../contract/stats.ts";
import { HOOK_NAMES, HOOK_NUMBER } from "../wire/hooks.ts";
import type { Breaker } from "./policy/breaker.ts";
import type { ByHook } from "./policy/by-hook.ts";
import type { HookCounts } from "./policy/counts/call-counts.ts";
import type { ClientInstance } from "./policy/instance.ts";
import type { NamedPolicy } from "./policy/policy.ts";

/** The books of all policies, those that have been removed included: a count never goes back. */
export function readPolicies(
  policies: Iterable<NamedPolicy<unknown>>,
  instances: Iterable<ClientInstance>,
  now: number,
): readonly PolicyStats[] {
  // By name: old versions that are pinned have isolates too.
  const heaps = new Map<string, number>();
  for (const { id, deployment, heapBytes } of instances) {
    // What is loaded ahead is no use of the policy's yet.
    if (id === deployment.reserve) continue;
    const { name } = deployment.bundle;
    heaps.set(name, (heaps.get(name) ?? 0) + heapBytes);
  }
  return [...policies].map((policy) => ({
    policy: policy.name,
    breaker: BREAKER_WORDS[policy.track.breaker.state(now)],
    heapBytes: heaps.get(policy.name) ?? 0,
    hooks: readHooks(policy.counts.total()),
    routes: policy.counts.all().map(([route, counts]) => ({ route, hooks: readHooks(counts) })),
  }));
}

function readHooks(byHook: ByHook<HookCounts>): readonly HookStats[] {
  return HOOK_NAMES.flatMap((hook) => {
    const counts = byHook[HOOK_NUMBER[hook]];
    return counts.calls + counts.skipped > 0 ? [counts.read(hook)] : [];
  });
}

/** Of policies with a version on its way, what there was since they were last asked. */
export function takeTallies(policies: Iterable<NamedPolicy<unknown>>, now: number): readonly PolicyTallies[] {
  return [...policies].flatMap(({ name, track, canary }) => {
    const version = canary?.current?.bundle.version;
    const [current, other] = [track.tally?.take(), canary?.tally?.take()];
    if (canary === undefined || version === undefined || current === undefined || other === undefined)
      return [];
    const isBroken = canary.breaker.state(now) === "open";
    return [{ policy: name, current, canary: { ...other, version, isBroken } }];
  });
}

const BREAKER_WORDS = { closed: "closed", open: "open", probing: "half-open" } as const satisfies Record<
  ReturnType<Breaker["state"]>,
  PolicyStats["breaker"]
>;
