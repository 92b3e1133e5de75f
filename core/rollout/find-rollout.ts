import type { GatewayConfig, RolloutConfig } from "../config/index.ts";
import type { RouteTable } from "../routes/planner.ts";

export interface PlannedRoutes {
  readonly config: Pick<GatewayConfig, "routes">;
  /** Undefined before the first plan. */
  readonly table: Pick<RouteTable, "routes"> | undefined;
}

/** How new versions of a policy come to sessions: as the first of its routes says that has a `rollout`. */
export function findRollout({ config, table }: PlannedRoutes, policy: string): RolloutConfig | undefined {
  const newest = new Map(config.routes.map((route) => [route.name, route]));
  for (const { config: planned, chain } of table?.routes ?? []) {
    if (!chain.some((binding) => binding.policy === policy)) continue;
    const { rollout } = newest.get(planned.name) ?? planned;
    if (rollout !== undefined) return rollout;
  }
  return undefined;
}
