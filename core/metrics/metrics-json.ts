import type { Registry } from "prom-client";

/** One process's numbers in prom-client's JSON, to be summed over the processes. */
export type MetricsJson = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;
