import { type CountedSeries, countedHistogram } from "./counted-histogram.ts";
import type { MetricsJson } from "./metrics-json.ts";

interface Metric {
  read(): MetricsJson[number];
}

type Labels<Name extends string> = Readonly<Record<Name, string>>;

export interface MetricOptions<Name extends string> {
  readonly name: string;
  readonly help: string;
  /** None: there is one number, from the start. */
  readonly labelNames?: readonly Name[];
  /** What the numbers of several processes are together. */
  readonly aggregator?: "sum" | "min" | "max";
  readonly registers: readonly MetricSet[];
}

/**
 * Metrics of one process, in the JSON of prom-client, which sums and renders them where somebody asks for all of them: a
 * process that only counts need not load it.
 */
export class MetricSet {
  readonly #metrics: Metric[] = [];

  add(metric: Metric): void {
    this.#metrics.push(metric);
  }

  read(): MetricsJson {
    return this.#metrics.map((metric) => metric.read());
  }
}

/** Its numbers by their labels. */
class Numbers<Name extends string> {
  readonly #type: "counter" | "gauge";
  readonly #options: MetricOptions<Name>;
  readonly #values = new Map<string, { readonly labels: Labels<Name>; value: number }>();

  constructor(type: "counter" | "gauge", options: MetricOptions<Name>) {
    this.#type = type;
    this.#options = options;
    this.reset();
    for (const set of options.registers) set.add(this);
  }

  reset(): void {
    this.#values.clear();
    if (this.#options.labelNames === undefined) this.at();
  }

  remove(labels: Labels<Name>): void {
    this.#values.delete(keyOf(this.#options, labels));
  }

  /** 0 at first. */
  protected at(labels = {} as Labels<Name>): { value: number } {
    const key = keyOf(this.#options, labels);
    const found = this.#values.get(key) ?? { labels, value: 0 };
    this.#values.set(key, found);
    return found;
  }

  read(): MetricsJson[number] {
    const { name, help, aggregator = "sum" } = this.#options;
    const values = [...this.#values.values()].map(({ labels, value }) => ({ labels, value }));
    return { name, help, type: this.#type, values, aggregator } as unknown as MetricsJson[number];
  }
}

/** What only grows. */
export class Counter<Name extends string = never> extends Numbers<Name> {
  constructor(options: MetricOptions<Name>) {
    super("counter", options);
  }

  inc(count?: number): void;
  inc(labels: Labels<Name>, count?: number): void;
  inc(first: Labels<Name> | number = 1, count = 1): void {
    if (typeof first === "number") this.at().value += first;
    else this.at(first).value += count;
  }
}

/** What is as it was last measured. */
export class Gauge<Name extends string = never> extends Numbers<Name> {
  constructor(options: MetricOptions<Name>) {
    super("gauge", options);
  }

  set(value: number): void;
  set(labels: Labels<Name>, value: number): void;
  set(first: Labels<Name> | number, value = 0): void {
    if (typeof first === "number") this.at().value = first;
    else this.at(first).value = value;
  }
}

/** How many values are up to each bound. */
export class Histogram<Name extends string> {
  readonly #options: MetricOptions<Name> & { readonly buckets: readonly number[] };
  readonly #series = new Map<
    string,
    { readonly labels: Labels<Name>; sum: number; readonly counts: number[] }
  >();

  /** @param options the bounds from the lowest to the highest, without that of all */
  constructor(options: MetricOptions<Name> & { readonly buckets: readonly number[] }) {
    this.#options = options;
    for (const set of options.registers) set.add(this);
  }

  observe(labels: Labels<Name>, value: number): void {
    const { buckets } = this.#options;
    const key = keyOf(this.#options, labels);
    const series = this.#series.get(key) ?? { labels, sum: 0, counts: Array(buckets.length + 1).fill(0) };
    this.#series.set(key, series);
    const found = buckets.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? buckets.length : found;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
  }

  read(): MetricsJson[number] {
    const { name, help, buckets } = this.#options;
    const bounds = [...buckets, Number.POSITIVE_INFINITY];
    const series = [...this.#series.values()].map(
      ({ labels, sum, counts }): CountedSeries => ({
        ...{ labels, sum },
        upTo: bounds.map((bound, index) => [bound, counts[index] ?? 0]),
      }),
    );
    return countedHistogram(name, help, series);
  }
}

function keyOf<Name extends string>({ labelNames = [] }: MetricOptions<Name>, labels: Labels<Name>): string {
  return labelNames.map((name) => labels[name]).join("\0");
}
