import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

testProblems([
  [
    { corsProfiles: { web: {} }, routes: [{ ...route, cors: "wev" }] },
    "routes[0].cors",
    'expected a profile of corsProfiles (web), got "wev"',
  ],
]);
