import { testProblems } from "../../problems.ts";

const anyName =
  'a policy\'s name, such as "auth" or "billing/audit": its file below the policies folder, without the ending';
const route = { path: "/a", upstream: "ws://localhost:1" };

testProblems([
  [
    { routes: [{ ...route, policies: [{ use: "a", hooks: ["open"] }] }] },
    "routes[0].policies[0].hooks[0]",
    'expected one of "upgrade", "unavailable", "client", "server", "tick", "renew", "close", got "open"',
  ],
  [
    { routes: [{ ...route, policies: [{ use: "a", shadow: { from: "next", sample: "0%" } }] }] },
    "routes[0].policies[0].shadow.sample",
    'expected a share such as "5%", above 0% and up to 100%, got "0%"',
  ],
  [
    { routes: [{ ...route, policies: ["a"], shadow: "next/a.ts" }] },
    "routes[0].shadow",
    'expected a folder, for it is of the whole chain, got "next/a.ts"; a policy\'s file goes to its use in `policies`',
  ],
  [
    { routes: [{ ...route, policies: "all" }] },
    "routes[0].policies",
    'expected a list of policies or "*", got "all"',
  ],
  [
    { routes: [{ ...route, policies: ["*"] }] },
    "routes[0].policies[0]",
    'expected a policy\'s name; for all of them write policies: "*", got "*"',
  ],
  [
    { routes: [{ ...route, policies: ["./auth.ts"] }] },
    "routes[0].policies[0]",
    'expected a policy\'s name without its ending: "auth", got "./auth.ts"',
  ],
  [
    { routes: [{ ...route, policies: ["../auth"] }] },
    "routes[0].policies[0]",
    `expected ${anyName}, got "../auth"`,
  ],
  [
    { routes: [{ ...route, policies: ["a", { use: 3 }] }] },
    "routes[0].policies[1].use",
    "expected the name of a policy, got 3",
  ],
  [
    { routes: [{ ...route, policies: [{ use: "a", option: {} }] }] },
    "routes[0].policies[0].option",
    "unknown option; did you mean `options`?",
  ],
  [
    { routes: [{ ...route, policies: [{ use: "a", options: { f() {} } }] }] },
    "routes[0].policies[0].options.f",
    "expected plain JSON, got a function",
  ],
]);
