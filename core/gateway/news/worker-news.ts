import { ISOLATES_FLAG } from "../../../sandbox/index.ts";
import type { Alerts } from "../../alerts/alerts.ts";
import type { Logger } from "../../log.ts";
import type { GatewayMetrics } from "../../metrics/gateway-metrics.ts";
import type { Rollouts } from "../../rollout/rollouts.ts";
import { type RunningPolicies, suspectsOf } from "../../rollout/suspects.ts";
import type { WorkerPoolOptions } from "../../workers/worker-pool.ts";
import { alertOfDeath } from "./own-alerts.ts";

export interface WorkerNewsOptions {
  readonly metrics: Pick<GatewayMetrics, "countWorkerRestart">;
  readonly alerts: Pick<Alerts, "raise">;
  readonly logger: Logger;
  readonly current: RunningPolicies;
  readonly onOffence: Rollouts["onOffence"];
}

/** Who hears of what befalls the workers: people, and the rollouts of versions that may be to blame. */
export function tellWorkerNews({
  metrics,
  alerts,
  logger,
  current,
  onOffence,
}: WorkerNewsOptions): Pick<
  WorkerPoolOptions,
  "onWorkerDeath" | "onOverflow" | "onNotHeld" | "onPlanFailure"
> {
  return {
    onWorkerDeath(death) {
      metrics.countWorkerRestart();
      alerts.raise(alertOfDeath(death));
      logger.error({ ...death }, "a worker died; its sessions are lost and a new one starts after the pause");
      for (const { policy, version } of suspectsOf(current))
        onOffence(policy, version, {
          rule: "host",
          detail: `a worker died in which it ran (${death.how})`,
        });
    },
    onOverflow: (count) => logger.error({ count }, "connections are closed: no worker takes those that wait"),
    onNotHeld: (policies) =>
      logger.warn(
        { policies },
        `policies run in the shared sandbox host, and not inside of workers, until the gateway is started again or a worker is replaced; with workers: 0 Node needs ${ISOLATES_FLAG}`,
      ),
    onPlanFailure({ policy, version, message, isHostFault }) {
      logger.error({ policy, version }, `a worker could not load what the probe could: ${message}`);
      if (!isHostFault) onOffence(policy, version, { rule: "load", detail: message });
    },
  };
}
