import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import type { PlannedPolicy } from "../../core/routes/claims.ts";
import { type RouteTable, usedPolicies } from "../../core/routes/planner.ts";
import { wordProblem } from "../../core/routes/problems.ts";
import { planTable } from "./plan.ts";

const upstream = "http://127.0.0.1:1";
const configOf = (...routes: readonly object[]) =>
  resolveConfig({ routes: routes.map((route) => ({ upstream, ...route })) }, { dir: "/" });

const logged = ({ problems }: RouteTable) => problems.map((problem) => wordProblem(problem).inLog);

function dropIn(name: string, route: object): PlannedPolicy {
  return {
    name,
    file: `/p/${name}.ts`,
    current: { exports: { hooks: ["client"], route: { upstream, ...route } } },
  };
}

test("routes of one path with other hosts are all served; one host in common is one claim too many", (t) => {
  const config = configOf({ path: "/a", match: { host: ["a.example", "b.example"] } });
  const other = dropIn("other", { path: "/a", match: { host: "c.example" } });
  const rival = dropIn("rival", { path: "/a", name: "rival", match: { host: "b.example" } });

  const before = planTable(config, [other]);
  t.deepEqual(before.problems, []);
  t.deepEqual(
    before.routes.map(({ config }) => config.name),
    ["a.example,b.example/a", "c.example/a"],
  );
  const kept = planTable(config, [other, rival], before);
  t.deepEqual(
    kept.routes.map(({ config }) => config.name),
    ["a.example,b.example/a", "c.example/a"],
  );
  t.regex(logged(kept).join(), /claimed by the config and \/p\/rival\.ts; .* the config keeps it/);
  const none = planTable(config, [other, rival]);
  t.deepEqual(
    none.routes.map(({ config }) => config.name),
    ["c.example/a"],
  );
});

test("of two routes of one name the config's is served", (t) => {
  const table = planTable(configOf({ path: "/a", name: "chat" }), [
    dropIn("b", { path: "/b", name: "chat" }),
  ]);
  t.deepEqual(
    table.routes.map(({ config }) => config.path),
    ["/a"],
  );
  t.regex(
    logged(table).join(),
    /\/p\/b\.ts: the route's name "chat" is that of a route of the config already/,
  );
});

test("a policy that is switched off is not in the chain and may be missing", (t) => {
  const chain = [
    { use: "gone", enabled: false },
    { use: "some", hooks: ["upgrade"] },
  ];
  const some = dropIn("some", { path: "/own" });
  const table = planTable(configOf({ path: "/a", policies: chain }), [some]);
  t.deepEqual(table.problems, []);
  t.deepEqual(table.routes[0]?.chain, [{ policy: "some", route: "/a", options: {}, hooks: ["upgrade"] }]);
});

function limit(optionsSchema: unknown): PlannedPolicy {
  return {
    name: "limit",
    file: "/p/limit.ts",
    current: { exports: { hooks: ["client"], optionsSchema } },
  };
}

test("options are as the policy's schema has them", (t) => {
  const schema = { properties: { rate: { type: "integer", default: 20 }, burst: { type: "integer" } } };
  const config = configOf({ path: "/a", policies: [{ use: "limit", options: { burst: 5 } }] });
  const { routes, problems } = planTable(config, [limit(schema)]);
  t.deepEqual(problems, []);
  t.deepEqual(routes[0]?.chain, [{ policy: "limit", route: "/a", options: { burst: 5, rate: 20 } }]);
});

test("options that do not fit leave the last good ones, and without any the use fails closed", (t) => {
  const schema = { properties: { rate: { type: "integer" } } };
  const withRate = (rate: unknown) =>
    configOf({ path: "/a", policies: [{ use: "limit", options: { rate } }] });
  const policies = [limit(schema)];

  const refused = planTable(withRate("fast"), policies);
  t.deepEqual(logged(refused), [
    'the config: route "/a", policy "limit": option `rate`: expected integer, got "fast"; its connections are refused',
  ]);
  t.deepEqual(refused.routes[0]?.chain, [{ policy: "limit (options refused)", route: "/a", options: {} }]);

  const good = planTable(withRate(5), policies, refused);
  const kept = planTable(withRate("fast"), policies, good);
  t.regex(logged(kept).join(), /the last good options stay$/);
  t.deepEqual(kept.routes[0]?.chain, good.routes[0]?.chain);

  const newer = limit({ required: ["user"] });
  const neither = planTable(withRate("fast"), [newer], kept);
  t.regex(
    logged(neither).join(),
    /option `user`: expected it, but it is missing; its connections are refused$/,
  );
  t.is(neither.routes[0]?.chain[0]?.policy, "limit (options refused)");
});

test("a route that comes to name a policy that is not there keeps those that it had, if nothing else of it is another", (t) => {
  const guard = withHooks("guard");
  const own = withHooks("@framegate/standard/jwt");
  const policies = [guard, own];
  const named = (name: string, more: object = {}) => configOf({ path: "/a", policies: [name], ...more });
  const granting = (name: string, granted: string) =>
    resolveConfig(
      { routes: [{ upstream, path: "/a", policies: [name] }], grants: { [granted]: { kv: true } } },
      { dir: "/" },
    );
  const off = { use: "guard", enabled: false };
  const good = planTable(configOf({ path: "/a", policies: ["guard", own.name] }), policies);

  const kept = planTable(named("gaurd"), policies, good);
  t.deepEqual(logged(kept), [
    'the config: route "/a" names the policy "gaurd", which is not there (did you mean "guard"?); the policies that it had stay until the next start, which refuses its connections',
  ]);
  t.deepEqual(kept.routes, good.routes);
  t.deepEqual(kept.groups, good.groups);
  // Before it is planned, too: what goes on must not be removed in between. What is only left out may be.
  for (const table of [good, kept])
    t.deepEqual(usedPolicies(named("gaurd"), policies, table), ["gaurd", "guard", own.name]);
  t.deepEqual(usedPolicies(named("guard"), policies, good), ["guard"]);
  const still = planTable(named("gaurd"), policies, kept);
  t.deepEqual(still.routes, good.routes);
  const gone = planTable(named("gaurd"), [{ ...guard, deleted: true }, own], kept);
  t.deepEqual(
    gone.problems.map(({ code }) => code),
    ["unknown-policy", "policy-gone"],
  );
  t.deepEqual(
    planTable(granting("gaurd", "guard"), policies, planTable(granting("guard", "guard"), policies)).routes,
    planTable(granting("guard", "guard"), policies).routes,
  );
  const come = planTable(named("gaurd"), [...policies, withHooks("gaurd")], still);
  t.deepEqual(come.problems, []);
  t.deepEqual(
    come.routes[0]?.chain.map(({ policy }) => policy),
    ["gaurd"],
  );

  // Another server must not lie behind the policies that were for this one; and what was never good is not kept.
  for (const [config, before] of [
    [named("gaurd", { upstream: "http://127.0.0.1:2" }), good],
    [named("gaurd", { path: "/b" }), good],
    [named("gaurd"), planTable(named("other"), policies)],
    [named("gaurd"), undefined],
    // What it was granted under its name is not taken away from a policy that goes on.
    [granting("gaurd", "gaurd"), planTable(granting("guard", "guard"), policies)],
    // Nor does a guard that is added go missing: what stays guards at least as much.
    [named("gaurd"), planTable(configOf({ path: "/a", policies: [] }), policies)],
    [named("gaurd"), planTable(configOf({ path: "/a", policies: [off] }), policies)],
    [
      configOf({ path: "/a", policies: ["gaurd", own.name] }),
      planTable(configOf({ path: "/a", policies: [own.name] }), policies),
    ],
  ] as const) {
    const table = planTable(config, policies, before);
    t.regex(logged(table)[0]!, /its connections are refused$/);
    t.is(table.routes[0]?.chain[0]?.policy, "gaurd");
  }
});

test('"*" stands for files of the folder, never for policies of packs', (t) => {
  const config = configOf({ path: "/", policies: "*" });
  const [own, packed] = ["own", "@acme/guard/redact"].map((name) => withHooks(name));
  const { routes, problems } = planTable(config, [packed!, own!]);
  t.deepEqual(
    routes[0]!.chain.map(({ policy }) => policy),
    ["own"],
  );
  t.deepEqual(problems, []);
});

test("a policy of a pack that is not there: what to do about it", (t) => {
  const config = configOf({ path: "/", policies: ["@acme/guard/redact", "@framegate/standard/none"] });
  t.regex(
    logged(planTable(config, []))[0]!,
    /the pack @acme\/guard is not installed: `framegate add @acme\/guard`/,
  );
  t.regex(
    logged(planTable(config, [withHooks("@acme/guard/mask")]))[0]!,
    /the pack has @acme\/guard\/mask only/,
  );
  t.regex(logged(planTable(config, []))[1]!, /the gateway's own @framegate\/standard has no such policy/);
  const gone = { ...withHooks("@acme/guard/redact"), deleted: true };
  t.regex(logged(planTable(config, [gone]))[0]!, /whose pack is gone; its last version keeps running/);
});

test("the names that routes use, those of routes that policies bring among them", (t) => {
  const config = configOf({ path: "/", policies: ["a", { use: "b" }] }, { path: "/all", policies: "*" });
  const policies = [
    dropIn("c", { path: "/c", policies: ["@framegate/standard/jwt"] }),
    dropIn("d", { path: 1 }),
  ];
  t.deepEqual(usedPolicies(config, policies), ["a", "b", "@framegate/standard/jwt"]);
});

function withHooks(name: string): PlannedPolicy {
  const { current, ...policy } = dropIn(name, {});
  return { ...policy, current: { ...current, exports: { hooks: ["client"] } } };
}
