import type { RolloutState } from "./rollout-state.ts";
import type { OwnWay } from "./shared-way.ts";

/** Of the version that is on its way, or was taken back. */
export function wayOf({ canary, takenBack }: RolloutState): Omit<OwnWay, "policy" | "config"> | undefined {
  if (canary !== undefined) {
    const { version, at, share, numbers } = canary;
    return { version, at, isTakingPart: share > 0, numbers, harm: undefined };
  }
  if (takenBack === undefined) return undefined;
  const { version, at, numbers, rule, detail } = takenBack;
  return { version, at, isTakingPart: false, numbers, harm: { rule, detail } };
}
