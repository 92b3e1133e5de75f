import type { MetricsJson, WorkerMetrics } from "./metrics-json.ts";
import { sumMetrics } from "./metrics-sum.ts";

/**
 * A counter never falls: what workers had counted when they were last asked stays in the sum when they have ended. What
 * is measured and not counted (sessions open, memory) ends with them.
 */
export interface EndedWorkers {
  /** @returns what is summed: of each worker that answers its newest, of each that does not its last counts */
  add(answers: readonly WorkerMetrics[]): Promise<readonly MetricsJson[]>;
}

/** Of so many that do not answer it is remembered which they are: one that was only late is not counted twice. */
const MOST_APART = 16;

export function createEndedWorkers(): EndedWorkers {
  const newest = new Map<string, MetricsJson>();
  let ended: MetricsJson = [];

  return {
    async add(answers) {
      for (const { worker, metrics } of answers) newest.set(worker, metrics);
      const present = new Set(answers.map(({ worker }) => worker));
      const missing = [...newest].filter(([worker]) => !present.has(worker));
      for (const [worker, metrics] of missing.slice(0, Math.max(0, missing.length - MOST_APART))) {
        newest.delete(worker);
        ended = await (await sumMetrics([ended, countsOf(metrics)])).getMetricsAsJSON();
      }
      const counts = [...newest].map(([worker, metrics]) =>
        present.has(worker) ? metrics : countsOf(metrics),
      );
      return [ended, ...counts];
    },
  };
}

function countsOf(metrics: MetricsJson): MetricsJson {
  return metrics.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
}
