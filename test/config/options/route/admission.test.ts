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

testProblems([
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
