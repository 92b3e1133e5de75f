import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import { WORKER_GROUP } from "../../sandbox/index.ts";
import type { CanaryShare } from "../routes/canary-shares.ts";
import type { RouteTable } from "../routes/planner.ts";

export interface RunningPolicies {
  readonly policies: Pick<PolicySnapshot, "policies">;
  /** Undefined before the first plan. */
  readonly table: Pick<RouteTable, "groups"> | undefined;
}

/** Versions on their way that may have cost a worker: there is no host between, and nobody can say which of those in it did. */
export function suspectsOf({
  policies,
  table,
}: RunningPolicies): readonly Pick<CanaryShare, "policy" | "version">[] {
  const inside = new Map(table?.groups);
  return policies.policies.flatMap(({ name, canary }) =>
    canary !== undefined && inside.get(name) === WORKER_GROUP
      ? [{ policy: name, version: canary.bundle.version }]
      : [],
  );
}
