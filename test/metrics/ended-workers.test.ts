import test from "ava";
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import { createEndedWorkers } from "../../core/metrics/ended-workers.ts";

/** What a worker answers that has counted so far. */
async function answer(worker: string, count: number) {
  const registers = [new Registry()];
  const about = { help: "…", registers };
  new Counter({ name: "messages_total", labelNames: ["route"], ...about }).inc({ route: "/" }, count);
  new Histogram({ name: "seconds", buckets: [1], ...about }).observe(count);
  new Gauge({ name: "open", ...about }).set(count);
  return { worker, metrics: await registers[0]!.getMetricsAsJSON() };
}

type Ended = ReturnType<typeof createEndedWorkers>;

async function read(ended: Ended, ...answers: Awaited<ReturnType<typeof answer>>[]) {
  const sum = AggregatorRegistry.aggregate((await ended.add(answers)) as unknown as object[][]);
  const text = await sum.metrics();
  const numberOf = (series: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1],
    );
  return {
    total: numberOf('messages_total{route="/"}'),
    observed: numberOf("seconds_count"),
    open: numberOf("open"),
  };
}

test("what a worker that ends had counted stays, what it had open does not", async (t) => {
  const ended = createEndedWorkers();
  t.deepEqual(await read(ended, await answer("a", 5), await answer("b", 3)), {
    total: 8,
    observed: 2,
    open: 8,
  });
  t.deepEqual(await read(ended, await answer("b", 4)), { total: 9, observed: 2, open: 4 });
  t.deepEqual(await read(ended, await answer("b", 4), await answer("c", 1)), {
    total: 10,
    observed: 3,
    open: 5,
  });
});

test("a worker that answers late is not counted twice", async (t) => {
  const ended = createEndedWorkers();
  await read(ended, await answer("a", 5), await answer("b", 1));
  t.is((await read(ended, await answer("b", 1))).total, 6);
  t.is((await read(ended, await answer("a", 7), await answer("b", 1))).total, 8);
});

test("of many that ended, all is still in the sum", async (t) => {
  const ended = createEndedWorkers();
  for (let i = 0; i < 50; i++) await ended.add([await answer(`worker ${i}`, 2)]);
  const { total, observed } = await read(ended, await answer("last", 1));
  t.deepEqual({ total, observed }, { total: 101, observed: 51 });
});
