import type { Registry } from "prom-client";
import type { MetricsJson } from "./metrics-json.ts";

/** The numbers of all processes together. What sums them is loaded when somebody asks for the first time. */
export async function sumMetrics(metrics: readonly MetricsJson[]): Promise<Registry> {
  const { AggregatorRegistry } = await import("prom-client");
  return AggregatorRegistry.aggregate(metrics as unknown as object[][]);
}
