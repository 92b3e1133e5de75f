import { hostname } from "node:os";

/** A metric as Prometheus' client has it in JSON. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly values?: readonly MetricSample[];
}

interface MetricSample {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
  /** Of a histogram: with `_bucket`, `_sum` or `_count` behind it. */
  readonly metricName?: string;
}

type HrTime = readonly [seconds: number, nanoseconds: number];

/** From when counters count, and when they were read; milliseconds since 1970. */
export interface MetricTimes {
  readonly since: number;
  readonly now: number;
}

/** As OpenTelemetry's metrics SDK numbers them. */
const DATA_POINT = { histogram: 0, gauge: 2, sum: 3 } as const;
const CUMULATIVE = 1;
const DOUBLE = 1;

/** What is used of OpenTelemetry's `ResourceMetrics`. Names, labels and help stay as `/metrics` has them. */
export function toResourceMetrics(
  families: readonly MetricFamily[],
  times: MetricTimes,
  scope: { readonly service: string; readonly version: string },
) {
  return {
    resource: { attributes: { "service.name": scope.service, "host.name": hostname() } },
    scopeMetrics: [
      {
        scope: { name: "framegate", version: scope.version },
        metrics: families.flatMap((family) => toMetric(family, times)),
      },
    ],
  };
}

function toMetric(family: MetricFamily, times: MetricTimes): object[] {
  const { name, help, type, values = [] } = family;
  if (values.length === 0) return [];
  const about = {
    descriptor: { name, description: help, unit: "", valueType: DOUBLE },
    aggregationTemporality: CUMULATIVE,
  };
  const point = { startTime: toHrTime(times.since), endTime: toHrTime(times.now) };
  if (type === "histogram")
    return [{ ...about, dataPointType: DATA_POINT.histogram, dataPoints: toHistograms(family, point) }];
  const dataPoints = values.map(({ labels, value }) => ({ ...point, attributes: { ...labels }, value }));
  return type === "counter"
    ? [{ ...about, dataPointType: DATA_POINT.sum, isMonotonic: true, dataPoints }]
    : [{ ...about, dataPointType: DATA_POINT.gauge, dataPoints }];
}

/** Prometheus counts in each bucket what is in those below too, OpenTelemetry only what is in it. */
function toHistograms(
  { name, values = [] }: MetricFamily,
  point: Readonly<Record<"startTime" | "endTime", HrTime>>,
) {
  const byLabels = Map.groupBy(values, ({ labels: { le: _, ...own } }) =>
    JSON.stringify(Object.entries(own).sort()),
  );
  return [...byLabels.values()].map((samples) => {
    const partOf = (suffix: string) =>
      samples.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    const upTo = samples
      .filter(({ metricName }) => metricName === `${name}_bucket`)
      .map(({ labels, value }) => ({ bound: Number(labels.le === "+Inf" ? Infinity : labels.le), value }))
      .sort((a, b) => a.bound - b.bound);
    const count = partOf("count");
    const finite = upTo.filter(({ bound }) => Number.isFinite(bound));
    const counts = [...finite.map(({ value }) => value), count].map(
      (value, index, all) => value - (all[index - 1] ?? 0),
    );
    const { le: _, ...attributes } = samples[0]!.labels;
    const boundaries = finite.map(({ bound }) => bound);
    return { ...point, attributes, value: { buckets: { boundaries, counts }, sum: partOf("sum"), count } };
  });
}

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}
