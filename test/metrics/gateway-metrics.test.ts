import test from "ava";
import { Counter, Registry } from "prom-client";
import { countedHistogram } from "../../core/metrics/counted-histogram.ts";
import { createGatewayMetrics } from "../../core/metrics/gateway-metrics.ts";
import { readVersion } from "../../core/version.ts";

const nothing = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };

async function answer(worker: string, count: number) {
  const registers = [new Registry()];
  new Counter({ name: "messages_total", help: "…", registers }).inc(count);
  // As those of messages come, counted already.
  const upTo = [
    [16, count],
    [Number.POSITIVE_INFINITY, 1],
  ] as const;
  const sizes = countedHistogram("sizes", "…", [{ labels: { route: "/" }, sum: 10 * count, upTo }]);
  return { worker, metrics: [...(await registers[0]!.getMetricsAsJSON()), sizes] };
}

test("what a worker had counted when it was last asked is not lost with it, though nobody scraped", async (t) => {
  const metrics = createGatewayMetrics();
  await metrics.keep([await answer("a", 5), await answer("b", 1)]);
  await metrics.keep([await answer("a", 7), await answer("b", 1)]);
  // `a` has died, and nobody had scraped; two scrapers read the same.
  for (let scraper = 0; scraper < 2; scraper++) {
    const { text } = await metrics.render([await answer("b", 2)], nothing, { forgotten: 0 }, undefined);
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
  const { text } = await createGatewayMetrics().render([], nothing, { forgotten: 0 }, undefined);
  const labels = `version="${readVersion()}",node="${process.versions.node}"`;
  t.true(text.split("\n").includes(`framegate_build_info{${labels}} 1`), text);
});
