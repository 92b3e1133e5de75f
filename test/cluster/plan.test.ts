import test from "ava";
import { type PlannedPolicy, planRoutes } from "../../core/cluster/plan.ts";
import { resolveConfig } from "../../core/config/index.ts";

const upstream = "http://127.0.0.1:1";
const configOf = (...routes: readonly object[]) =>
  resolveConfig({ routes: routes.map((route) => ({ upstream, ...route })) }, { dir: "/" });

function dropIn(name: string, route: object): PlannedPolicy {
  const bundle = { name, file: `/p/${name}.ts`, version: "1", code: "", sourceMap: "" };
  return {
    name,
    file: bundle.file,
    current: { bundle, exports: { hooks: ["client"], route: { upstream, ...route } } },
  };
}

test("routes of one path with other hosts are all served; one host in common is one claim too many", (t) => {
  const config = configOf({ path: "/a", match: { host: ["a.example", "b.example"] } });
  const other = dropIn("other", { path: "/a", match: { host: "c.example" } });
  const rival = dropIn("rival", { path: "/a", name: "rival", match: { host: "b.example" } });

  const before = planRoutes(config, [other]);
  t.deepEqual(before.problems, []);
  t.deepEqual(
    before.routes.map(({ config }) => config.name),
    ["a.example,b.example/a", "c.example/a"],
  );
  const kept = planRoutes(config, [other, rival], before);
  t.deepEqual(
    kept.routes.map(({ config }) => config.name),
    ["a.example,b.example/a", "c.example/a"],
  );
  t.regex(kept.problems.join(), /claimed by the config and \/p\/rival\.ts; .* the config keeps it/);
  const none = planRoutes(config, [other, rival]);
  t.deepEqual(
    none.routes.map(({ config }) => config.name),
    ["c.example/a"],
  );
});

test("of two routes of one name the config's is served", (t) => {
  const table = planRoutes(configOf({ path: "/a", name: "chat" }), [
    dropIn("b", { path: "/b", name: "chat" }),
  ]);
  t.deepEqual(
    table.routes.map(({ config }) => config.path),
    ["/a"],
  );
  t.regex(
    table.problems.join(),
    /\/p\/b\.ts: the route's name "chat" is that of a route of the config already/,
  );
});

test("a policy that is switched off is not in the chain and may be missing", (t) => {
  const chain = [
    { use: "gone", enabled: false },
    { use: "some", hooks: ["upgrade"] },
  ];
  const some = dropIn("some", { path: "/own" });
  const table = planRoutes(configOf({ path: "/a", policies: chain }), [some]);
  t.deepEqual(table.problems, []);
  t.deepEqual(table.routes[0].chain, [{ policy: "some", route: "/a", options: {}, hooks: ["upgrade"] }]);
});
