import test from "ava";
import fc from "fast-check";
import { resolveConfig } from "../../core/config/index.ts";
import type { PlannedPolicy } from "../../core/routes/claims.ts";
import type { RouteTable } from "../../core/routes/planner.ts";
import { wordProblem } from "../../core/routes/problems.ts";
import { planTable } from "./plan.ts";

/** Each resolves configs. */
const RUNS = 40;
const upstream = "http://127.0.0.1:1";
const PATHS = ["/a", "/b", "/x/:id", "/x/:name"];
const HOSTS = ["a.example", "b.example"];
const NAMES = ["p", "q", "r", "s", "gone"];

const match = fc.option(
  fc.subarray(HOSTS, { minLength: 1 }).map((host) => ({ host })),
  { nil: undefined },
);
const route = fc.record(
  {
    path: fc.constantFrom(...PATHS),
    match,
    name: fc.constantFrom("one", "two", "three", "four"),
    policies: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
  },
  { requiredKeys: ["path", "match", "policies"] },
);
type Route = typeof route extends fc.Arbitrary<infer Value> ? Value : never;

/** Most drawn tables have rivals. */
const often = fc.nat(7).map((drawn) => drawn > 0);
const policy = fc.record({
  brings: fc.option(fc.oneof({ weight: 5, arbitrary: route }, fc.constant({ path: 1 })), { nil: undefined }),
  isLoaded: often,
  deleted: often.map((is) => !is),
  strict: fc.boolean(),
});

/** Each policy by its name, as the folder lists them: sorted. */
const folder = fc.array(policy, { maxLength: 4 }).map((drawn) =>
  drawn.map(({ brings, isLoaded, deleted, strict }, index): PlannedPolicy => {
    const name = NAMES[index] ?? "none";
    const optionsSchema = strict ? { required: ["user"] } : undefined;
    const exports = {
      hooks: ["client" as const],
      optionsSchema,
      ...(brings && { route: { upstream, ...brings } }),
    };
    return { name, file: `/p/${name}.ts`, deleted, ...(isLoaded && { current: { exports } }) };
  }),
);

/** One that is a config by itself: its own twins are told before any plan. */
const configured = fc.uniqueArray(route, {
  maxLength: 3,
  comparator: (a, b) => a.path[1] === b.path[1] || (a.name !== undefined && a.name === b.name),
});

const configOf = (routes: readonly Route[]) =>
  resolveConfig({ routes: routes.map((each) => ({ upstream, ...each })) }, { dir: "/" });

/** What a request is, as far as routes tell them apart. Parameters match whatever they are called. */
const requestsOf = (path: string, hosts: readonly string[]) =>
  (hosts.length === 0 ? ["any"] : hosts).map((host) => `${host} ${path.replace(/:\w+/, ":")}`);

const served = ({ routes }: RouteTable) =>
  routes.flatMap(({ config }) => requestsOf(config.path, config.match.hosts ?? []));
const said = ({ problems }: RouteTable) => problems.map((problem) => wordProblem(problem).inLog);
/** Where a problem keeps a route from being served. */
const unservedOf = ({ problems }: RouteTable) =>
  problems.flatMap((problem) => {
    switch (problem.code) {
      case "invalid-route":
      case "namesake":
        return [problem.file];
      case "contested-path":
        return problem.claimants.map(({ file }) => file);
      default:
        return [];
    }
  });

test("no request has two routes, and no two routes have one name", (t) => {
  fc.assert(
    fc.property(configured, folder, folder, (routes, first, second) => {
      const config = configOf(routes);
      const before = planTable(config, first);
      for (const table of [before, planTable(config, second, before)]) {
        const requests = served(table);
        t.is(new Set(requests).size, requests.length);
        const names = table.routes.map(({ config }) => config.name);
        t.is(new Set(names).size, names.length);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a route that is not served is one that a problem tells of, and so is a chain that refuses", (t) => {
  fc.assert(
    fc.property(configured, folder, (routes, policies) => {
      const config = configOf(routes);
      const table = planTable(config, policies);
      const told = unservedOf(table);
      const wanted = [
        ...routes.map(() => "the config"),
        ...policies.flatMap(({ file, current, deleted }) =>
          current?.exports.route === undefined || deleted ? [] : [file],
        ),
      ];
      const owners = [...table.owners.values()];
      for (const file of wanted) t.true(owners.includes(file) || told.includes(file), file);
      const isWhole = told.length === 0;
      t.is(table.routes.length === wanted.length, isWhole);

      const known = new Map(policies.map((each) => [each.name, each]));
      for (const { config, chain } of table.routes) {
        for (const { policy } of chain) {
          if (known.has(policy)) continue;
          const isTold = table.problems.some(
            (problem) => "policy" in problem && problem.route === config.name,
          );
          t.true(isTold, `${config.name}: ${policy}`);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test("who comes first in the folder makes no difference, but for whose name it is", (t) => {
  fc.assert(
    fc.property(configured, folder, (routes, policies) => {
      const config = configOf(routes);
      const [table, turned] = [planTable(config, policies), planTable(config, [...policies].reverse())];
      if (table.problems.some(({ code }) => code === "namesake")) return;
      t.deepEqual(new Map([...turned.owners].sort()), new Map([...table.owners].sort()));
      t.deepEqual(unservedOf(turned).sort(), unservedOf(table).sort());
      t.is(turned.problems.length, table.problems.length);
    }),
    { numRuns: RUNS },
  );
});

test("a plan that is planned again says and serves the same", (t) => {
  fc.assert(
    fc.property(configured, folder, (routes, policies) => {
      const config = configOf(routes);
      const table = planTable(config, policies);
      const again = planTable(config, policies, table);
      t.deepEqual(again.routes, table.routes);
      t.deepEqual(said(again), said(table));
    }),
    { numRuns: RUNS },
  );
});
