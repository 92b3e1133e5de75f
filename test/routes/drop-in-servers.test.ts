import test, { type ExecutionContext } from "ava";
import { type ConfigInput, resolveConfig, resolveRoute } from "../../core/config/index.ts";
import { confineRoute } from "../../core/routes/drop-in-servers.ts";

const input: ConfigInput = {
  upstreams: { orders: { targets: [{ url: "http://orders:9000", socket: "/run/orders.sock" }] } },
  routes: [{ path: "/a", upstream: "wss://chat.example/socket" }],
  connect: { allow: ["http://*.inside:*"] },
};
const config = resolveConfig(input, { dir: "/" });

const confine = (route: object, gateway = config) => {
  const confined = () =>
    confineRoute(resolveRoute({ path: "/x", ...route }, "x.ts", gateway), "x.ts", gateway);
  return { confined, problems: (t: ExecutionContext) => t.throws(confined)?.message ?? "" };
};

test("a policy's route leads to servers that the config names or allows", (t) => {
  const allowed = [
    "orders",
    "https://chat.example/other",
    "http://a.inside:1",
    { targets: [{ url: "http://orders:9000", socket: "/run/orders.sock" }] },
    { url: "http://a.inside", proxy: "http://proxy.inside:3128" },
  ];
  for (const upstream of allowed) t.notThrows(confine({ upstream }).confined, JSON.stringify(upstream));
});

test("a policy's route leads nowhere else: not by host, port, scheme, socket, proxy, or one of several targets", (t) => {
  const refused = [
    ["http://127.0.0.1:9090", "http://127.0.0.1:9090"],
    ["ws://chat.example", "ws://chat.example"],
    ["wss://chat.example:8443", "wss://chat.example:8443"],
    ["unix:/run/docker.sock:/", "unix:/run/docker.sock:/"],
    [{ targets: [{ url: "http://orders:9000", socket: "/run/other.sock" }] }, "/run/other.sock"],
    [{ url: "http://a.inside", proxy: "http://elsewhere:3128" }, "http://elsewhere:3128"],
    [{ targets: [{ url: "http://a.inside" }, { url: "http://b.example" }] }, "http://b.example"],
  ] as const;
  for (const [upstream, shown] of refused) {
    const message = confine({ upstream }).problems(t);
    t.true(
      message.includes("x.ts") && message.includes(`got "${shown}"; if it is meant, name it in`),
      message,
    );
  }
});

test("a policy's route allows its `connect` no more than the config does", (t) => {
  const connect = { allow: ["http://*:*"] };
  t.regex(
    confine({ upstream: "orders", connect }).problems(t),
    /route\.connect\.allow: expected patterns of the config's `connect\.allow`, got "http:\/\/\*:\*"/,
  );
  t.notThrows(confine({ upstream: "orders", connect: { allow: [] } }).confined);
});

test("an override stands in for any server; of those it replaces only the allowed stay", (t) => {
  const overridden = resolveConfig(input, { dir: "/", upstreamOverride: "ws://127.0.0.1:7" });
  const targets = [{ url: "http://b.example" }, { url: "http://a.inside" }];
  const route = confine({ upstream: { targets } }, overridden).confined();
  t.is(route.upstream, "ws://127.0.0.1:7");
  t.deepEqual(route.replaced, ["http://a.inside"]);
});

test("a policy's route trusts nobody with the worker: that is for the config to say", (t) => {
  const upstream = "https://chat.example/other";
  const message = (route: object) => confine({ upstream, ...route }).problems(t);
  t.regex(message({ isolation: "worker" }), /route\.isolation: expected "shared" or "own", got "worker"/);
  t.regex(
    message({ policies: ["a", { use: "@acme/guard/a", isolation: "worker" }] }),
    /route\.policies\[1\]\.isolation: expected "shared" or "own", got "worker"; if it is meant, say it in the config/,
  );
  t.notThrows(confine({ upstream, isolation: "own" }).confined);
});

test("a policy's route has no shadow: which files are run is for the config to say", (t) => {
  const upstream = "https://chat.example/other";
  const message = (route: object) => confine({ upstream, ...route }).problems(t);
  t.regex(message({ shadow: "/etc" }), /route\.shadow: expected none in a route that a policy brings/);
  t.regex(
    message({ policies: ["a", { use: "b", shadow: "b.ts" }] }),
    /route\.policies\[1\]\.shadow: expected none/,
  );
});
