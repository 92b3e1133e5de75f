import type { GatewayConfig } from "../../core/config/index.ts";
import type { PlannedPolicy } from "../../core/routes/claims.ts";
import { planRoutes, type RouteTable } from "../../core/routes/planner.ts";
import { checkOptions } from "../../policies/use-options.ts";

/** The plan of a gateway whose policies' schemas are the test's own: they are asked in this process. */
export function planTable(
  config: GatewayConfig,
  policies: readonly PlannedPolicy[],
  before?: RouteTable,
): RouteTable {
  return planRoutes(config, policies, checkOptions, before);
}
