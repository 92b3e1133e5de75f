import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

testProblems([
  [
    { routes: [{ ...route, origins: ["app.example.com"] }] },
    "routes[0].origins[0]",
    'expected an origin such as "https://app.example.com", "https://*.example.com" or "http://localhost:*", "same", "null" or "*", got "app.example.com"',
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
