import { showPath } from "../../policies/shown-path.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { PolicyStep } from "../traffic/records.ts";
import type { ExplainedStep } from "./explanation.ts";

/** Where a policy's hook is written, e.g. `guard.ts:4`; "" when that version is not there any more. */
export type FindHookLine = (policy: string, version: string, hook: HookName) => string;

/** @param steps with `place` where a fault was thrown */
export function explainSteps<Step extends PolicyStep & { readonly place?: string }>(
  steps: readonly Step[],
  hook: HookName,
  findLine: FindHookLine,
): (Step & ExplainedStep)[] {
  let answeredMs = 0;
  return steps.map((step) => {
    const { afterMs, durationMs, hook: called = hook } = step;
    // Before it servers were asked: that was no waiting for its turn.
    const waitedMs = called === "unavailable" ? 0 : Math.max(0, afterMs - answeredMs);
    answeredMs = afterMs + durationMs;
    return { ...step, place: explainPlace(step, called, findLine), waitedMs };
  });
}

/** Where it threw, else the line of the hook. */
export function explainPlace(
  { policy, version, place }: Pick<PolicyStep, "policy" | "version"> & { readonly place?: string },
  hook: HookName,
  findLine: FindHookLine,
): string {
  return place ? showPath(place) : findLine(policy, version, hook);
}
