import test from "ava";
import { ConfigError, resolveConfig, resolveRoute } from "../../../core/config/index.ts";

const route = { path: "/x", upstream: "ws://a" };
const safe = {
  steps: [0.05, 0.25, 1],
  everyMs: 300_000,
  by: { source: "session" },
  minCalls: 100,
  abort: { faults: { share: 0.01, isOver: true }, closes: { share: 0.05, isOver: true } },
};

test("without options it is a safe one; a route has that of the file, its own, or none", (t) => {
  const routes = [
    route,
    { ...route, path: "/y", rollout: { by: "header:X-User" } },
    { ...route, path: "/z", rollout: false as const },
  ];
  const config = resolveConfig({ rollout: {}, routes }, { dir: "/" });
  const [first, second, third] = config.routes;
  t.deepEqual(first?.rollout as unknown, safe);
  t.deepEqual(second?.rollout?.by, { source: "header", name: "x-user" });
  t.is(third?.rollout, undefined);
  t.deepEqual(resolveRoute(route, "x.ts", config).rollout as unknown, safe);
  t.is(resolveConfig({ routes }, { dir: "/" }).routes[0]?.rollout, undefined);
});

test("what is set is read, in shares and milliseconds", (t) => {
  const abort = { faults: "+0.5%", closes: false as const, p99: "+5ms", shadowDiffs: "2%" };
  const rollout = { steps: ["2.5%", "50%"], every: 0 as const, by: "attribute:user:id", minCalls: 1, abort };
  t.deepEqual(resolveConfig({ rollout }, { dir: "/" }).rollout as unknown, {
    steps: [0.025, 0.5],
    everyMs: 0,
    by: { source: "attribute", name: "user:id" },
    minCalls: 1,
    abort: { faults: { share: 0.005, isOver: true }, p99Ms: 5, shadowDiffs: 0.02 },
  });
});

test("machines are numbers or shares of them; an empty list is none", (t) => {
  const resolve = (machines: (number | string)[]) =>
    resolveConfig({ rollout: { machines } }, { dir: "/" }).rollout as unknown;
  t.like(resolve([1, "25%", "100%"]), { machines: [{ count: 1 }, { share: 0.25 }, { share: 1 }] });
  t.deepEqual(resolve([]), safe);
});

for (const [rollout, problem] of [
  [{ steps: ["25%", "5%"] }, /rollout\.steps: expected shares that grow from step to step/],
  [
    { steps: ["0%"] },
    /rollout\.steps\[0\]: expected a share such as "5%", above 0% and up to 100%, got "0%"/,
  ],
  [{ machines: [1, "50%"] }, /rollout\.machines: expected "100%" as the last one/],
  [{ machines: [0] }, /rollout\.machines\[0\]: expected a number of machines from 1, or a share of them/],
  [{ steps: [] }, /rollout\.steps: expected at least one share/],
  [{ by: "cookie" }, /rollout\.by: expected one of "session", "header:NAME", "attribute:NAME", got "cookie"/],
  [{ abort: { p99: "5ms" } }, /rollout\.abort\.p99: expected a duration with a plus before it/],
  [{ abort: { faults: 0.01 } }, /rollout\.abort\.faults: expected a share such as "1%"/],
  [{ abort: { shadowDiffs: "+1%" } }, /rollout\.abort\.shadowDiffs: expected a share such as "1%", or false/],
] as const) {
  test(`problem: ${JSON.stringify(rollout)}`, (t) => {
    t.throws(() => resolveConfig({ rollout }, { dir: "/" }), { instanceOf: ConfigError, message: problem });
  });
}
