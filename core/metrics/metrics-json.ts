import type { Registry } from "prom-client";

/** One process's numbers in prom-client's JSON, to be summed over the processes. */
export type MetricsJson = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** What one worker has counted and measured. */
export interface WorkerMetrics {
  /** Unlike that of any other worker, its successors included. */
  readonly worker: string;
  readonly metrics: MetricsJson;
}
