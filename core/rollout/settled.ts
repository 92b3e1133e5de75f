import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import type { PlannedCanary } from "../engine/engine-plan.ts";
import type { RolloutState } from "./rollout-state.ts";

/** The policies as sessions are to have them. */
export interface SettledPolicies {
  /** `current` is what sessions have that are not on the side of a version on its way. */
  readonly policies: PolicySnapshot;
  readonly canaries: readonly PlannedCanary[];
}

/** One policy's way, for people. */
export interface PolicyRollout extends RolloutState {
  readonly policy: string;
  /** Milliseconds since 1970: when the step began, or it was taken back. */
  readonly at: number;
}
