import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";
import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("compression, in its shapes", (t) => {
  const resolve = (compression: boolean | object) =>
    resolveConfig({ routes: [{ ...route, compression }] }, { dir: "/" }).routes[0]!.compression;
  t.deepEqual(resolve({}), resolve(true));
  t.deepEqual(resolve(false).legs, { client: false, server: false });
  t.like(resolve({ server: false, minSize: "1B", maxRatio: 100, clientMaxWindowBits: 9 }), {
    legs: { client: true, server: false },
    clientMaxWindowBits: 9,
    minBytes: 1,
    maxRatio: 100,
  });
});

testProblems([
  [
    { routes: [{ ...route, compression: "no" }] },
    "routes[0].compression",
    'expected true, false, or { client, server, minSize, … }, got "no"',
  ],
  [
    { routes: [{ ...route, compression: { clientMaxWindowBits: 8 } }] },
    "routes[0].compression.clientMaxWindowBits",
    "expected a whole number from 9 to 15, got 8",
  ],
  [
    { routes: [{ ...route, compression: { minsize: 0 } }] },
    "routes[0].compression.minsize",
    "unknown option; did you mean `minSize`?",
  ],
]);
