import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { RunningRoutes } from "../../core/engine/running-routes.ts";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import type { RoutePlan } from "../../core/routes/route-runtime.ts";

/** @param chains name of a route → the policies of its chain */
function plansOf(chains: Readonly<Record<string, readonly string[]>>): RoutePlan[] {
  const routes = Object.keys(chains).map((path) => ({ path, upstream: "ws://127.0.0.1:1" }));
  return resolveConfig({ routes }, { dir: "/" }).routes.map((config) => ({
    config,
    chain: (chains[config.name] ?? []).map((policy) => ({ policy, route: config.name, options: {} })),
  }));
}

function open(...names: string[]) {
  const sessions = new Set(names);
  return { sessions, routes: new RunningRoutes({ hasOpen: (name) => sessions.has(name) }, new OwnPlaces()) };
}

const find = ({ router }: RunningRoutes, path: string) => router.find(path)?.route;

test("a route that has gone with sessions keeps its policies until the last of them leaves", (t) => {
  const { routes, sessions } = open("/a");
  routes.swap(plansOf({ "/a": ["a"], "/b": ["b"] }), new Set());
  t.deepEqual(
    routes.swap([], new Set()).removed.map(({ name }) => name),
    ["/a"],
  );
  t.deepEqual(routes.swap([], new Set()).removed, []);
  t.is(find(routes, "/a"), undefined);
  t.true(routes.isRemoved("/a"));
  t.deepEqual([...routes.policies()], ["a"]);
  t.false(routes.leave("/a"));
  sessions.delete("/a");
  t.true(routes.leave("/a"));
  t.deepEqual([...routes.policies()], []);
  t.false(routes.leave("/a"));
});

test("a route that comes back is the one that it was, for its open sessions too", (t) => {
  const { routes, sessions } = open("/a");
  routes.swap(plansOf({ "/a": ["a"] }), new Set());
  const before = find(routes, "/a");
  routes.swap([], new Set());
  routes.swap(plansOf({ "/a": ["other"] }), new Set());
  t.is(find(routes, "/a"), before);
  t.deepEqual([...routes.policies()], ["other"]);
  // It is over with no session's end: connections may come.
  sessions.delete("/a");
  t.false(routes.leave("/a"));
  t.is(find(routes, "/a"), before);
});

test("outdated are routes with open sessions whose plan, or a policy in it, is another", (t) => {
  const { routes, sessions } = open("/same", "/other", "/changed");
  const plans = plansOf({ "/same": ["a"], "/other": ["a"], "/changed": ["b"], "/empty": ["b"] });
  const swap = (next: readonly RoutePlan[], changed: readonly string[] = []) =>
    routes.swap(next, new Set(changed)).outdated.map(({ name }) => name);
  swap(plans);
  t.deepEqual(swap(plans), []);
  const next = plansOf({ "/same": ["a"], "/other": ["c"], "/changed": ["b"], "/empty": ["b"] });
  t.deepEqual(swap(next, ["b"]), ["/other", "/changed"]);
  sessions.clear();
  t.deepEqual(swap(plans, ["a", "b"]), []);
});

test("a connection whose route went while its upgrade was on its way keeps the policies until it leaves", (t) => {
  const { routes, sessions } = open();
  routes.swap(plansOf({ "/a": ["a"] }), new Set());
  const runtime = find(routes, "/a")!;
  routes.swap([], new Set());
  sessions.add("/a");
  routes.enter(runtime);
  t.true(routes.isRemoved("/a"));
  t.deepEqual([...routes.policies()], ["a"]);
  sessions.delete("/a");
  t.true(routes.leave("/a"));
});
