import type { GatewayConfig, RolloutConfig } from "../config/index.ts";
import type { RouteTable } from "../routes/planner.ts";

export interface PlannedRoutes {
  readonly config: Pick<GatewayConfig, "routes">;
  /** Undefined before the first plan. */
  readonly table: Pick<RouteTable, "routes"> | undefined;
}

/** False: to all sessions at once. Undefined: no route has the policy, and nothing is said of it. */
export type FoundRollout = RolloutConfig | false | undefined;

/** How new versions of a policy come to sessions: as the first of its routes says that has a `rollout`. */
export function findRollout({ config, table }: PlannedRoutes, policy: string): FoundRollout {
  const newest = new Map(config.routes.map((route) => [route.name, route]));
  let found: FoundRollout;
  for (const { config: planned, chain } of table?.routes ?? []) {
    if (!chain.some((binding) => binding.policy === policy)) continue;
    found = false;
    const { rollout } = newest.get(planned.name) ?? planned;
    if (rollout !== undefined) return rollout;
  }
  return found;
}
