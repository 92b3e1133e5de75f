import test from "ava";
import { examineRoutes, wordGroups, wordMirrors } from "../../../cli/check/routes.ts";
import { resolveConfig } from "../../../core/config/index.ts";
import type { HookName } from "../../../sandbox/contract/hooks.ts";

const findRouteProblems = (...args: Parameters<typeof examineRoutes>) => examineRoutes(...args).problems;
const upstream = "ws://a";

test("a chain that names a policy that is not there", (t) => {
  const config = configOf([{ path: "/", upstream, policies: ["auth", "oders", "x"] }]);
  t.deepEqual(findRouteProblems(config, sourcesOf("auth", "orders"), []), [
    {
      place: "/gate.yaml",
      message: 'routes[0].policies[1]: there is no policy "oders"; did you mean "orders"?',
    },
    {
      place: "/gate.yaml",
      message: 'routes[0].policies[2]: there is no policy "x"; the folder has auth, orders',
    },
  ]);
});

test("an empty folder", (t) => {
  const config = configOf([{ path: "/", upstream, policies: ["auth"] }]);
  const [problem] = findRouteProblems(config, [], []);
  t.is(problem?.message, 'routes[0].policies[0]: there is no policy "auth"; the folder has none');
});

test("a policy without hooks", (t) => {
  const config = configOf([{ path: "/", upstream, policies: "*" }]);
  t.deepEqual(
    findRouteProblems(config, sourcesOf("auth", "lost"), [load("auth", ["client"]), load("lost", [])]),
    [
      {
        place: "/p/lost.ts",
        message:
          "exports no hook: export a function named upgrade, client, server or close; a file that policies share is named with a leading `_`",
      },
    ],
  );
});

const outcome = "until one of them gives it up, the path is not served";

test("two policies that claim one path, and one that claims the config's", (t) => {
  const config = configOf([{ path: "/c", upstream }]);
  const loaded = [
    load("a", ["client"], { path: "/x/:id", upstream }),
    load("b", ["client"], { path: "/x/:name", upstream }),
    load("c", ["client"], { path: "/c", upstream }),
  ];
  t.deepEqual(findRouteProblems(config, sourcesOf("a", "b", "c"), loaded), [
    {
      place: "/p/c.ts",
      message: `route.path: "/c" is claimed by routes[0] of /gate.yaml too; ${outcome}`,
    },
    { place: "/p/b.ts", message: `route.path: "/x/:name" is claimed by route of /p/a.ts too; ${outcome}` },
  ]);
});

test("a policy's own route is checked like those of the config", (t) => {
  const loaded = [
    load("a", ["client"], { path: "/a", upstream, policies: ["auht"] }),
    load("b", ["client"], { path: "/b", upstrem: "" }),
  ];
  const allowing = configOf([], { connect: { allow: ["http://a"] } });
  t.deepEqual(findRouteProblems(allowing, sourcesOf("a", "auth", "b"), loaded), [
    { place: "/p/b.ts", message: "route.upstrem: unknown option; did you mean `upstream`?" },
    { place: "/p/a.ts", message: 'route.policies[0]: there is no policy "auht"; did you mean "auth"?' },
  ]);
});

function configOf(routes: readonly object[], others: object = {}) {
  return resolveConfig({ routes, ...others }, { dir: "/", file: "/gate.yaml" });
}

function sourcesOf(...names: readonly string[]) {
  return names.map((name) => ({ name, file: `/p/${name}.ts` }));
}

function load(name: string, hooks: readonly HookName[], route?: object) {
  return { name, file: `/p/${name}.ts`, exports: { hooks, ...(route !== undefined && { route }) } };
}

test("options that the policy's schema refuses", (t) => {
  const config = configOf([{ path: "/", upstream, policies: [{ use: "limit", options: { rate: "fast" } }] }]);
  const limit = load("limit", ["client"]);
  const optionsSchema = { properties: { rate: { type: "integer" } } };
  const exports = { ...limit.exports, optionsSchema };
  t.deepEqual(findRouteProblems(config, sourcesOf("limit"), [{ ...limit, exports }]), [
    {
      place: "/gate.yaml",
      message: 'routes[0].policies[0], policy "limit": option `rate`: expected integer, got "fast"',
    },
  ]);
});

test("what has a host process apart is said", (t) => {
  const config = configOf([
    {
      path: "/",
      upstream: "http://a",
      policies: [{ use: "auth", isolation: "own" }, "@acme/guard/b", "@acme/guard/a"],
    },
  ]);
  const { groups } = examineRoutes(config, sourcesOf("auth", "@acme/guard/a", "@acme/guard/b"), []);
  t.deepEqual(wordGroups(groups), [
    "in a host process of its own: auth",
    "in a host process of the pack @acme/guard: @acme/guard/a, @acme/guard/b",
  ]);
});

test("plain HTTP that goes by the hooks for messages is said in one line", (t) => {
  const http = "proxy";
  const config = configOf([
    ...["/a", "/b"].map((path) => ({ path, upstream, http, policies: ["look"] })),
    { path: "/c", upstream, http, policies: [{ use: "look", hooks: ["upgrade"] }] },
    { path: "/d", upstream, http, policies: ["gate"] },
    { path: "/e", upstream, http: "refuse-polling", policies: ["look"] },
    { path: "/f", upstream, policies: ["look"] },
  ]);
  const loaded = [load("look", ["upgrade", "server"]), load("gate", ["upgrade"])];
  const { notes } = examineRoutes(config, sourcesOf("look", "gate"), loaded);
  t.is(notes.length, 1);
  t.regex(notes[0]!, /^no `client` or `server` hook sees plain HTTP.* on \/a, \/b \(`http: "proxy"`\)/);
  t.deepEqual(examineRoutes(configOf([]), [], []).notes, []);
});

test("who gets copies is said, and whether of credentials too", (t) => {
  const mirror = { upstream: "http://b", sample: 0.07, direction: "both" } as const;
  const config = configOf([
    { path: "/a", upstream: "http://a", mirror },
    { path: "/b", upstream: "http://a", mirror: { upstream: "http://c", credentials: true } },
    { path: "/c", upstream: "http://a" },
  ]);
  t.deepEqual(wordMirrors(config), [
    "mirror: http://b gets the client and server messages of 7 % of the sessions of /a, without the clients' credentials",
    "mirror: http://c gets the client messages of all sessions of /b, with the clients' credentials",
  ]);
});

test("what runs inside of the worker is said before all else, with what that means", (t) => {
  const isolation = "worker";
  const policies = [
    { use: "auth", isolation: "own" },
    { use: "b", isolation },
    { use: "a", isolation },
  ] as const;
  const config = configOf([{ path: "/", upstream: "http://a", policies: [...policies] }]);
  const { groups } = examineRoutes(config, sourcesOf("auth", "a", "b"), []);
  t.deepEqual(wordGroups(groups), [
    "in the worker itself, which it can hang or crash with all of its connections: a",
    "in the worker itself, which it can hang or crash with all of its connections: b",
    "in a host process of its own: auth",
  ]);
});
