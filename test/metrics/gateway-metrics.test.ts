import test from "ava";
import * as prom from "prom-client";
import { countedHistogram } from "../../core/metrics/counted-histogram.ts";
import { createGatewayMetrics } from "../../core/metrics/gateway-metrics.ts";
import { Counter, Gauge, Histogram, MetricSet } from "../../core/metrics/metric-set.ts";
import { sumMetrics } from "../../core/metrics/metrics-sum.ts";
import { readVersion } from "../../core/version.ts";

const nothing = {
  traffic: { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" },
  rates: { forgotten: 0, alone: undefined },
  caps: { lent: 0, over: 0 },
  source: undefined,
  sinks: [],
  certificates: [],
};

function answer(worker: string, count: number) {
  const registers = [new MetricSet()];
  new Counter({ name: "messages_total", help: "…", registers }).inc(count);
  // As those of messages come, counted already.
  const upTo = [
    [16, count],
    [Number.POSITIVE_INFINITY, 1],
  ] as const;
  const sizes = countedHistogram("sizes", "…", [{ labels: { route: "/" }, sum: 10 * count, upTo }]);
  return { worker, metrics: [...registers[0]!.read(), sizes] };
}

test("what a worker had counted when it was last asked is not lost with it, though nobody scraped", async (t) => {
  const metrics = createGatewayMetrics();
  await metrics.keep([await answer("a", 5), await answer("b", 1)]);
  await metrics.keep([await answer("a", 7), await answer("b", 1)]);
  // `a` has died, and nobody had scraped; two scrapers read the same.
  for (let scraper = 0; scraper < 2; scraper++) {
    const { text } = await metrics.render([await answer("b", 2)], nothing);
    for (const line of [
      "messages_total 9",
      'sizes_bucket{le="16",route="/"} 9',
      'sizes_bucket{le="+Inf",route="/"} 11',
      'sizes_sum{route="/"} 90',
      'sizes_count{route="/"} 11',
    ])
      t.true(text.split("\n").includes(line), text);
  }
});

test("the versions of what runs", async (t) => {
  const { text } = await createGatewayMetrics().render([], nothing);
  const labels = `version="${readVersion()}",node="${process.versions.node}"`;
  t.true(text.split("\n").includes(`framegate_build_info{${labels}} 1`), text);
});

/** Some of everything, by these classes. */
function count<Set>(
  set: Set,
  parts: {
    readonly Counter: new (options: never) => Counter<"route">;
    readonly Gauge: new (options: never) => Gauge<"route">;
    readonly Histogram: new (options: never) => Histogram<"route">;
  },
): Set {
  const about = (name: string, more: object = { labelNames: ["route"] }) =>
    ({ name, help: "What it is.", registers: [set], ...more }) as never;
  const counter = new parts.Counter(about("counted_total"));
  counter.inc({ route: "/a" });
  counter.inc({ route: '/"b"\n' }, 2.5);
  counter.inc({ route: "/a" }, 3);
  const again = new parts.Counter(about("again_total", {}));
  again.inc(7);
  again.reset();
  again.inc();
  new parts.Counter(about("none_total"));
  new parts.Counter(about("zero_total", {}));
  const gauge = new parts.Gauge(about("measured"));
  gauge.set({ route: "/a" }, 2);
  gauge.set({ route: "/b" }, 3);
  gauge.set({ route: "/a" }, -1);
  gauge.remove({ route: "/b" });
  new parts.Gauge(about("worst", { aggregator: "max" })).set(4);
  new parts.Gauge(about("least", { aggregator: "min" })).set(5);
  const histogram = new parts.Histogram(about("seconds", { labelNames: ["route"], buckets: [0.1, 1, 10] }));
  for (const value of [0.1, 0.05, 0.5, 10, 11]) histogram.observe({ route: "/a" }, value);
  histogram.observe({ route: "/b" }, 2);
  return set;
}

test("what is counted is what prom-client would have counted, over two processes", async (t) => {
  const theirs = await count(new prom.Registry(), prom as never).getMetricsAsJSON();
  const ours = count(new MetricSet(), { Counter, Gauge, Histogram }).read();
  const text = async (metrics: typeof theirs) =>
    (await (await sumMetrics([metrics, metrics])).metrics()).split("\n");
  t.deepEqual((await text(ours)).toSorted(), (await text(theirs)).toSorted());
  t.true((await text(ours)).includes('seconds_bucket{le="1",route="/a"} 6'));
});
