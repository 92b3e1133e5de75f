import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

testProblems([
  [
    { trustedProxies: ["10.0.0.0/33"] },
    "trustedProxies[0]",
    'expected an address or network such as "10.0.0.0/8" or "::1", got "10.0.0.0/33"',
  ],
  [
    { routes: [{ ...route, headers: { request: { set: { Upgrade: "x" } } } }] },
    "routes[0].headers.request.set.Upgrade",
    'expected a header that is not of the handshake or of one hop, got "x"',
  ],
  [
    { routes: [{ ...route, headers: { response: { add: { x: "a\r\nb: c" } } } }] },
    "routes[0].headers.response.add.x",
    'expected a value of one line, in Latin-1, got "a\\r\\nb: c"',
  ],
  [
    { routes: [{ ...route, headers: { request: { set: { x: "$" + "{env.HOME}" } } } }] },
    "routes[0].headers.request.set.x",
    [
      "expected a value with no other placeholders than $",
      "{id}, $",
      "{client.address} and $",
      '{params.NAME}, got "$',
      '{env.HOME}"',
    ].join(""),
  ],
  [
    { routes: [{ ...route, requestId: { header: "a b" } }] },
    "routes[0].requestId.header",
    'expected the name of a header, got "a b"',
  ],
  [
    { routes: [{ ...route, forwarded: "forwarded" }] },
    "routes[0].forwarded",
    'expected a list of "x-forwarded" and "forwarded", got "forwarded"',
  ],
]);
