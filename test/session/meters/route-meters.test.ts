import test from "ava";
import { PowerHistogram } from "../../../core/session/meters/power-histogram.ts";
import { RouteMeters } from "../../../core/session/meters/route-meters.ts";

test("each value is in the bucket of the smallest bound that it is not above", (t) => {
  for (const scale of [
    { from: 4, step: 2, bounds: 11 },
    { from: 5, step: 1, bounds: 17 },
    { from: 0, step: 1, bounds: 3 },
  ] as const) {
    const bounds = new PowerHistogram(scale).read().upTo.map(([bound]) => bound);
    for (const exact of [0, 1, 2, 15, 16, 17, 63, 64, 65, 1024, 2 ** 24, 2 ** 24 + 1, 2 ** 31, 2 ** 40]) {
      const histogram = new PowerHistogram(scale);
      histogram.add(exact, 3);
      const { sum, upTo } = histogram.read();
      t.is(sum, exact * 3);
      const expected = bounds.find((bound) => exact <= bound);
      t.deepEqual(
        upTo.filter(([, count]) => count > 0),
        [[expected!, 3]],
        `${exact} of ${bounds}`,
      );
    }
  }
});

test("counts go beyond 32 bits", (t) => {
  const histogram = new PowerHistogram({ from: 0, step: 1, bounds: 1 });
  histogram.add(1, 2 ** 33);
  histogram.add(1);
  t.deepEqual(histogram.read(), {
    sum: 2 ** 33 + 1,
    upTo: [
      [1, 2 ** 33 + 1],
      [Number.POSITIVE_INFINITY, 0],
    ],
  });
});

test("the sessions of a route have one meter, and routes beyond the first thousand one together", (t) => {
  const meters = new RouteMeters();
  t.is(meters.of("/a"), meters.of("/a"));
  for (let count = 0; count < 1500; count++) meters.of(`/${count}`).client.sizes.add(1);
  const readings = meters.read().filter(({ origin }) => origin === "client");
  t.is(readings.length, 1001);
  // `/a` is one of the thousand.
  t.is(readings.find(({ route }) => route === "")?.sizes.sum, 501);
});

test("one read in sixteen is timed, the first at once", (t) => {
  const { server } = new RouteMeters().of("/");
  const timed = Array.from({ length: 33 }, () => server.isTimed());
  t.deepEqual(
    [...timed.entries()].flatMap(([index, isTimed]) => (isTimed ? [index] : [])),
    [0, 16, 32],
  );
});
