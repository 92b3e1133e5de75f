import type { Tally } from "../../../sandbox/contract/stats.ts";
import type { EndedRollout } from "../../rollout/ended.ts";
import { type Numbers, percentileMs } from "../../rollout/health.ts";
import type { PolicyRollout } from "../../rollout/settled.ts";
import type { SharedMachine, SharedOverview } from "../../rollout/shared-way.ts";
import type { EndedRolloutView, RolloutView } from "./rollout-schema.ts";

/** What there is to say of a fleet: why nothing is known of it, or nothing where there is none. */
export type SeenFleet = SharedOverview | { readonly problem: string } | undefined;

/** Nothing for one that is neither on its way nor taken back. */
export function describeRollout(rollout: PolicyRollout, seen: SeenFleet): RolloutView[] {
  return describeOwn(rollout).map((own) => {
    if (seen === undefined) return own;
    if ("problem" in seen) return { ...own, fleet: { machines: [], problem: seen.problem } };
    const { place, machines, numbers } = seen;
    const fleet = { machines: machines.map(describeMachine), problem: "" };
    return { ...own, share: place.share, step: place.step + 1, ...describeNumbers(numbers), fleet };
  });
}

function describeMachine({ node, state, seenMs, numbers }: SharedMachine) {
  return { node, state, seenMs, canary: describeTally(numbers.canary) };
}

function describeOwn({ policy, stable, canary, takenBack, at }: PolicyRollout): RolloutView[] {
  const common = { policy, stable, at, fleet: null };
  if (canary !== undefined) {
    const { version, share, step, isPaused, config, numbers } = canary;
    const { steps, everyMs, minCalls } = config;
    const state = isPaused ? ("paused" as const) : ("on its way" as const);
    const way = { version, share, step: step + 1, steps: [...steps], everyMs, minCalls };
    return [{ ...common, state, ...way, ...describeNumbers(numbers), rule: "", reason: "" }];
  }
  if (takenBack === undefined) return [];
  const { version, share, step, numbers, rule, detail } = takenBack;
  const way = { version, share, step: step + 1, steps: [], everyMs: 0, minCalls: 0 };
  return [{ ...common, state: "taken back", ...way, ...describeNumbers(numbers), rule, reason: detail }];
}

export function describeEnded({ detail, ...ended }: EndedRollout): EndedRolloutView {
  return { ...ended, reason: detail };
}

function describeNumbers({
  canary,
  stable,
  shadow = { calls: 0, differs: 0 },
}: Numbers): Pick<RolloutView, "canary" | "before" | "shadow"> {
  return { canary: describeTally(canary), before: describeTally(stable), shadow };
}

function describeTally(tally: Tally): RolloutView["canary"] {
  const { calls, faults, sessions, closes } = tally;
  return { calls, faults, sessions, closes, p99Ms: percentileMs(tally, 0.99) ?? null };
}
