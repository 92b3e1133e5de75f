import type { Tally } from "../../../sandbox/contract/stats.ts";
import { type Numbers, percentileMs } from "../../rollout/health.ts";
import type { EndedRollout, PolicyRollout } from "../../rollout/rollouts.ts";
import type { EndedRolloutView, RolloutView } from "./rollout-schema.ts";

/** Nothing for one that is neither on its way nor taken back. */
export function describeRollout({ policy, stable, canary, takenBack, at }: PolicyRollout): RolloutView[] {
  const common = { policy, stable, at };
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
