import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { wordProblem } from "../../core/routes/problems.ts";
import { RouteRuntime } from "../../core/routes/route-runtime.ts";
import { planShadows, type ShadowsSource } from "../../core/routes/shadow-plan.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { PolicyBundle } from "../../sandbox/contract.ts";
import { planTable } from "./plan.ts";

const upstream = "http://127.0.0.1:1";
const bundleOf = (name: string, version = "2"): PolicyBundle => ({
  ...{ name, version, file: `/next/${name}.ts`, code: "", sourceMap: "{}" },
});

function plan(routes: readonly object[], source: Partial<ShadowsSource> = {}) {
  const named = routes.map((route, index) => ({ upstream, path: `/${index}`, ...route })) as never;
  const config = resolveConfig({ routes: named }, { dir: "/dir" });
  const known = ["one", "two"].map((name) => ({
    name,
    file: `/p/${name}.ts`,
    current: { exports: { hooks: [] } },
  }));
  const table = planTable(config, known);
  const find: ShadowsSource["find"] = (folder, policy) =>
    folder === "/dir/next" && policy !== "two"
      ? { isKnown: true, version: { bundle: bundleOf(policy), exports: { hooks: ["client"] } } }
      : { isKnown: false };
  const planned = planShadows(table.shadows, table.routes, { find, canaries: [], ...source }, checkOptions);
  return { ...planned, table };
}

test("a use says where its shadow is from, else its route; false is none, and a folder need not have them all", (t) => {
  const { uses, shadows, problems } = plan([
    { policies: [{ use: "one", shadow: "next/one.ts" }, "two"] },
    { policies: ["one", "two"], shadow: { from: "next", sample: "10%" } },
    { policies: [{ use: "one", shadow: false }, "two"], shadow: "next" },
    { policies: ["one"] },
  ]);
  const [first, second] = ["next/one.ts", "next"].map((from) => `one (shadow: ${from})`);
  t.deepEqual([...uses] as unknown, [
    ["/0", [{ use: "one\n{}", shadow: first, options: {}, sample: 1 }]],
    ["/1", [{ use: "one\n{}", shadow: second, options: {}, sample: 0.1 }]],
  ]);
  t.deepEqual(
    shadows.map(({ name, policy, version, fetch, bundle }) => [name, policy, version, fetch, bundle?.name]),
    [first, second].map((name) => [name, "one", "2", false, name]),
  );
  t.deepEqual(problems, []);
});

test("one that is not there, or does not take the options, is said and has no effect", (t) => {
  const find: ShadowsSource["find"] = (_, policy) =>
    policy === "one"
      ? {
          isKnown: true,
          version: {
            bundle: bundleOf("one"),
            exports: { hooks: ["client"], optionsSchema: { type: "object", required: ["limit"] } },
          },
        }
      : { isKnown: false };
  const uses = [
    { use: "one", shadow: "next" },
    { use: "two", shadow: { from: "next/gone.ts", fetch: true } },
  ];
  const { shadows, problems } = plan([{ policies: uses }], { find });
  t.deepEqual(shadows, []);
  const said = problems.map((problem) => wordProblem(problem).inLog);
  t.regex(
    said[0] ?? "",
    /route "\/0", policy "one", its shadow from "next": .*limit.*; it has none until then/,
  );
  t.regex(
    said[1] ?? "",
    /policy "two", its shadow from "next\/gone\.ts": there is no such file; it has none until then/,
  );
  // It is not known yet what is there.
  t.deepEqual(plan([{ policies: uses }], { find: () => undefined }).problems, []);
});

test("a version on its way is the shadow of the one before, where the route's rollout asks for it", (t) => {
  const judged = { steps: ["5%", "100%"], abort: { shadowDiffs: "1%" } };
  const { uses, shadows } = plan(
    [
      { policies: ["one"], rollout: judged },
      { policies: ["one"], rollout: {} },
      { policies: ["two"], rollout: judged },
    ],
    { canaries: [{ policy: "one", bundle: bundleOf("one", "3") }] },
  );
  t.deepEqual([...uses.keys()], ["/0"]);
  t.like(shadows[0], { policy: "one", from: "rollout", isCanary: true, version: "3", fetch: false });
});

test("a folder called rollout is a shadow like others, beside the version on its way", (t) => {
  const version = { bundle: bundleOf("one"), exports: { hooks: ["client"] } } as const;
  const { uses, shadows } = plan(
    [
      {
        policies: ["one"],
        shadow: "rollout",
        rollout: { steps: ["5%", "100%"], abort: { shadowDiffs: "1%" } },
      },
    ],
    {
      find: () => ({ isKnown: true, version }),
      canaries: [{ policy: "one", bundle: bundleOf("one", "3") }],
    },
  );
  t.is(uses.get("/0")?.length, 2);
  t.deepEqual(
    shadows.map(({ isCanary, version, bundle }) => [isCanary, version, bundle?.version]),
    [
      [false, "2", "2"],
      [true, "3", "3"],
    ],
  );
});

test("a shadow that comes or goes makes no connection outdated", (t) => {
  const policies = [{ use: "one", shadow: "next/one.ts" }, "two"];
  const [before] = plan([{ policies: ["one", "two"] }]).table.routes;
  const { table, uses } = plan([{ policies, shadow: "next" }]);
  const [after] = table.routes;
  if (before === undefined || after === undefined) return t.fail();
  const runtime = new RouteRuntime(before, new OwnPlaces());
  t.deepEqual(runtime.shadows, []);
  runtime.update({ ...after, shadows: uses.get("/0") ?? [] }, new Set());
  t.is(runtime.generation, 0);
  t.is(runtime.shadows.length, 1);
});
