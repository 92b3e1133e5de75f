import test from "ava";
import { findRestartChanges, resolveConfig, takeLive } from "../../core/config/index.ts";

const resolve = (input: object, base: object = {}) => resolveConfig(input, { dir: "/etc", ...base });
const route = { path: "/a", upstream: "http://127.0.0.1:9" };
const running = resolve({ routes: [route] });

test("what can change while the gateway runs is taken, the rest stays", (t) => {
  const newest = resolve({
    listen: [{ port: 3 }],
    drain: { code: 1012 },
    grants: { a: { kv: true } },
    secrets: { KEY: { env: "KEY" } },
    corsProfiles: { a: {} },
    routes: [{ ...route, path: "/b" }],
    upstreams: { a: { url: "http://127.0.0.1:10" } },
    connect: { allow: ["http://a.test"] },
    log: { level: "debug" },
    traffic: { file: "t.db" },
    sinks: [{ files: { dir: "t" } }],
    redact: { headers: ["x-pin"] },
    recording: { sample: 0.5 },
    upgradeRate: { upgrades: 5 },
    alerts: [{ webhook: "https://a.test/" }],
    trustedProxies: ["10.0.0.0/8"],
    console: false,
    workers: 3,
    kv: { url: "redis://a.test" },
    watchConfig: true,
  });
  const { listen, drain, capabilities, corsProfiles, routes, upstreams, connectAllow } = newest;
  const { alerts, log, traffic, sinks, redact, upgradeRate, rollout, trustedProxies } = newest;
  const taken = {
    ...{ listen, drain, capabilities, corsProfiles, routes, upstreams, connectAllow },
    ...{ alerts, log, traffic, sinks, redact, upgradeRate, rollout, trustedProxies },
  };
  t.deepEqual(takeLive(running, newest), { ...running, ...taken });
  t.deepEqual(findRestartChanges(running, newest), ["console", "workers", "watchConfig", "kv"]);
  const { trustedProxies: _, ...without } = takeLive(takeLive(running, newest), running);
  t.deepEqual(without, running);
});

test("what a command or an embedding program has set is named too", (t) => {
  const newest = resolve(
    { routes: [route] },
    { file: "/etc/b.json", upstreamOverride: "http://127.0.0.1:9" },
  );
  t.deepEqual(findRestartChanges(running, newest), ["file", "upstreamOverride"]);
});

test("a larger message of a route is told as that, and not as a change of the sandbox", (t) => {
  const newest = resolve({ routes: [{ ...route, maxMessageSize: "2MiB" }] });
  t.deepEqual(findRestartChanges(running, newest), [
    "the largest maxMessageSize (for messages that policies make)",
  ]);
  t.deepEqual(
    findRestartChanges(
      newest,
      resolve({ sandbox: { silence: "2s" }, routes: [{ ...route, maxMessageSize: "2MiB" }] }),
    ),
    ["sandbox"],
  );
});

test("of a listener that stays, what is set when it is opened; of a new one nothing", (t) => {
  const newest = resolve({
    listen: [
      { backlog: 7, reusePort: true },
      { port: 1, backlog: 7 },
    ],
  });
  t.deepEqual(findRestartChanges(resolve({}), newest), ["listen[0].backlog", "listen[0].reusePort"]);
});
