import type { ShadowReport } from "../shadow/shadow-report.ts";
import { Counter, type MetricSet } from "./metric-set.ts";

/** The book of shadows as metrics: nothing is counted here, only read when somebody asks. */
export interface ShadowMetrics {
  set(reports: readonly ShadowReport[]): void;
}

export function createShadowMetrics(registers: MetricSet[]): ShadowMetrics {
  const calls = new Counter({
    name: "framegate_shadow_calls_total",
    help: "Calls that a shadow of a policy got a copy of, or was to get, by policy, shadow, hook and result.",
    labelNames: ["policy", "shadow", "hook", "result"],
    registers,
  });
  const differences = new Counter({
    name: "framegate_shadow_differences_total",
    help: "Verdicts of a shadow that differ from the policy's, by policy, shadow, hook and the part that differs.",
    labelNames: ["policy", "shadow", "hook", "kind"],
    registers,
  });

  return {
    set(reports) {
      calls.reset();
      differences.reset();
      for (const { policy, from, hooks } of reports) {
        for (const counts of hooks) {
          const labels = { policy, shadow: from, hook: counts.hook };
          for (const result of ["same", "differs", "failed", "lost"] as const)
            calls.inc({ ...labels, result }, counts[result]);
          for (const [kind, count] of counts.kinds) differences.inc({ ...labels, kind }, count);
        }
      }
    },
  };
}
