import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { type RoutePlan, RouteRuntime } from "../../core/routes/route-runtime.ts";

test("a version on its way that has options of its own makes no connection outdated; other options for all do", (t) => {
  const { routes } = resolveConfig(
    { routes: [{ path: "/a", upstream: "http://localhost:1" }] },
    { dir: "/" },
  );
  const [config] = routes;
  if (config === undefined) return t.fail();
  const binding = { policy: "a", route: "/a", options: {} };
  const plan: RoutePlan = { config, chain: [binding] };
  const runtime = new RouteRuntime(plan, new OwnPlaces());
  const canaryOptions = { version: "2", options: { limit: 2 } };
  runtime.update({ config, chain: [{ ...binding, canaryOptions }] }, new Set());
  runtime.update(plan, new Set());
  t.deepEqual([runtime.generation, runtime.epoch], [0, 2]);
  runtime.update({ config, chain: [{ ...binding, options: { limit: 2 } }] }, new Set());
  t.is(runtime.generation, 1);
});
