import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { WorkerPool } from "../workers/worker-pool.ts";

/** So much of what a worker has counted is lost with it at most. */
const EVERY_MS = 10_000;

/** Asks the workers for what they have counted, so that it is not lost with one that dies before somebody scrapes. */
export function keepCounts(
  workers: Pick<WorkerPool, "metrics">,
  metrics: Pick<GatewayMetrics, "keep">,
): NodeJS.Timeout {
  return setInterval(() => {
    // Workers that cannot be reached are asked again.
    workers
      .metrics()
      .then(metrics.keep)
      .catch(() => {});
  }, EVERY_MS).unref();
}
