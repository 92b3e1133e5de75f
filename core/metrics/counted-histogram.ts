import type { MetricsJson } from "./metrics-json.ts";

/** One row of buckets: how many values there are up to each bound, not cumulative; what lies beyond the last is in none. */
export interface CountedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly sum: number;
  readonly upTo: readonly (readonly [bound: number, count: number])[];
}

/** prom-client's histograms take one value at a time; this one has been counted already. */
export function countedHistogram(
  name: string,
  help: string,
  series: readonly CountedSeries[],
): MetricsJson[number] {
  const values = series.flatMap(({ labels, sum, upTo }) => {
    let count = 0;
    const bucket = (le: number | "+Inf") => ({
      ...{ labels: { le, ...labels }, value: count, metricName: `${name}_bucket` },
    });
    const buckets = upTo.map(([bound, more]) => {
      count += more;
      return bucket(bound === Number.POSITIVE_INFINITY ? "+Inf" : bound);
    });
    return [
      ...buckets,
      ...(upTo.at(-1)?.[0] === Number.POSITIVE_INFINITY ? [] : [bucket("+Inf")]),
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  });
  return { name, help, type: "histogram", values, aggregator: "sum" } as unknown as MetricsJson[number];
}
