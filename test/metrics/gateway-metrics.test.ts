import test from "ava";
import { Counter, Registry } from "prom-client";
import { createGatewayMetrics } from "../../core/metrics/gateway-metrics.ts";
import { readVersion } from "../../core/version.ts";

const nothing = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };

async function answer(worker: string, count: number) {
  const registers = [new Registry()];
  new Counter({ name: "messages_total", help: "…", registers }).inc(count);
  return { worker, metrics: await registers[0]!.getMetricsAsJSON() };
}

test("what a worker had counted when it was last asked is not lost with it, though nobody scraped", async (t) => {
  const metrics = createGatewayMetrics();
  await metrics.keep([await answer("a", 5), await answer("b", 1)]);
  await metrics.keep([await answer("a", 7), await answer("b", 1)]);
  // `a` has died, and nobody had scraped; two scrapers read the same.
  for (let scraper = 0; scraper < 2; scraper++) {
    const { text } = await metrics.render([await answer("b", 2)], nothing, { forgotten: 0 });
    t.true(text.split("\n").includes("messages_total 9"), text);
  }
});

test("the versions of what runs", async (t) => {
  const { text } = await createGatewayMetrics().render([], nothing, { forgotten: 0 });
  const labels = `version="${readVersion()}",node="${process.versions.node}"`;
  t.true(text.split("\n").includes(`framegate_build_info{${labels}} 1`), text);
});
