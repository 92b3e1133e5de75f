import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";
import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("origins: of a route, of its listener, of the config, or the same host; a list or the name of one", (t) => {
  const originsOf = (input: object, base: object = {}) => {
    const { listen, routes } = resolveConfig(input, { dir: "/", ...base });
    return [listen[0]?.origins, routes[0]?.origins.allow];
  };
  const originProfiles = { ours: ["https://Ours.example"] };
  t.deepEqual(originsOf({ routes: [route] }), [["same"], undefined]);
  t.deepEqual(originsOf({ originProfiles, origins: "ours", routes: [{ ...route, origins: ["*"] }] }), [
    ["https://ours.example"],
    ["*"],
  ]);
  const listen = [{ origins: ["null"] }];
  t.deepEqual(
    originsOf({ originProfiles, listen, origins: ["*"], routes: [{ ...route, origins: "ours" }] }),
    [["null"], ["https://ours.example"]],
  );
  const [loopback] = originsOf({}, { trustsLoopbackPages: true });
  t.true(loopback?.includes("same") && loopback.includes("http://localhost:*"));
  t.deepEqual(originsOf({ origins: ["same"] }, { trustsLoopbackPages: true })[0], ["same"]);
});

test("upgradeRate: of a route, or of the config; false: none", (t) => {
  const ratesOf = (input: object, own: object = {}) =>
    resolveConfig({ ...input, routes: [{ ...route, ...own }] }, { dir: "/" }).routes[0]?.upgradeRate;
  t.false(ratesOf({}));
  const rate = {
    ...{ upgrades: 20, perMs: 1000, burst: 20, ipv6Prefix: 64, onStoreLoss: "local" },
    key: { source: "address", name: "" },
  };
  t.deepEqual(ratesOf({ upgradeRate: { upgrades: 20 } }), rate);
  t.false(ratesOf({ upgradeRate: { upgrades: 20 } }, { upgradeRate: false }));
  t.deepEqual(
    ratesOf(
      { upgradeRate: { upgrades: 20 } },
      {
        upgradeRate: {
          upgrades: 5,
          per: "1m",
          burst: 9,
          key: "header:X-Key",
          ipv6Prefix: 56,
          onStoreLoss: "open",
        },
      },
    ),
    {
      ...{ upgrades: 5, perMs: 60_000, burst: 9, ipv6Prefix: 56, onStoreLoss: "open" },
      key: { source: "header", name: "x-key" },
    },
  );
});

testProblems([
  [
    { routes: [{ ...route, upgradeRate: {} }] },
    "routes[0].upgradeRate.upgrades",
    "expected a whole number of upgrades, at least 1, but it is missing",
  ],
  [
    { upgradeRate: { upgrades: 1, key: "cookie" } },
    "upgradeRate.key",
    'expected "address", "route", "header:NAME", "query:NAME", "param:NAME" or "attribute:NAME", got "cookie"',
  ],
  [
    { routes: [{ ...route, origins: ["app.example.com"] }] },
    "routes[0].origins[0]",
    'expected an origin such as "https://app.example.com", "https://*.example.com" or "http://localhost:*", "same", "null" or "*", got "app.example.com"',
  ],
  [
    { originProfiles: { ours: [] }, listen: [{ origins: "theirs" }] },
    "listen[0].origins",
    'expected a list of origins such as ["https://app.example.com"] or a profile of originProfiles (ours), got "theirs"',
  ],
  [
    { routes: [{ ...route, subprotocols: { allow: ["a b"] } }] },
    "routes[0].subprotocols.allow[0]",
    'expected a subprotocol such as "chat.v2", got "a b"',
  ],
  [
    { routes: [{ ...route, connections: { perAddress: -1 } }] },
    "routes[0].connections.perAddress",
    "expected a whole number of connections, or 0 for unlimited, got -1",
  ],
  [
    { routes: [{ ...route, connections: { key: "cookie" } }] },
    "routes[0].connections.key",
    'expected a key such as "header:x-tenant", "query:user", "param:room" or "attribute:user", got "cookie"',
  ],
]);
