import type { GatewayView } from "../admin/gateway-view.ts";
import type { Drained } from "../engine/engine-plan.ts";
import type { NodeReport } from "../fleet/report.ts";
import type { Rollouts } from "../rollout/rollouts.ts";
import type { Current } from "./current.ts";

export interface DescribedNode {
  readonly state: ReturnType<GatewayView["state"]>;
  readonly drained: Drained;
  readonly current: Pick<Current, "config" | "policies">;
  readonly rollouts: Pick<Rollouts, "views">;
}

/** What the other nodes of the fleet are told of this one. */
export function describeNode(
  described: DescribedNode,
): Pick<NodeReport, "workers" | "state" | "policies" | "rollouts"> {
  const { state, drained, current, rollouts } = described;
  return {
    workers: current.config.workers,
    state: state === "ready" && drained.isAll ? "draining" : state,
    policies: current.policies.policies.map(({ name, current: loaded }) => ({
      name,
      version: loaded?.bundle.version ?? "",
      since: loaded?.loadedAt ?? 0,
    })),
    rollouts: rollouts.views().flatMap(({ policy, canary }) => {
      if (canary === undefined) return [];
      const { version, share, isPaused } = canary;
      return [{ policy, version, share, state: isPaused ? "paused" : "on its way" }];
    }),
  };
}
