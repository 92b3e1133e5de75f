import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";
import { testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("contentType, in its shapes: the closest one counts", (t) => {
  const resolve = (contentType: unknown) =>
    resolveConfig({ routes: [{ ...route, contentType }] }, { dir: "/" }).routes[0]!.contentType;
  const json = { text: "application/json", binary: "application/json" };
  const plain = { text: "text/plain", binary: "text/plain" };
  t.deepEqual(resolve("text/plain"), { client: plain, server: plain });
  t.deepEqual(resolve({}), { client: json, server: json });
  t.deepEqual(resolve({ server: "text/plain" }), { client: json, server: plain });
  t.deepEqual(resolve({ text: "a/b", binary: "c/d", client: "text/plain", server: { text: "e/f" } }), {
    client: plain,
    server: { text: "e/f", binary: "c/d" },
  });
});

testProblems([
  [
    { routes: [{ ...route, contentType: "json" }] },
    "routes[0].contentType",
    'expected a MIME type such as "application/json", got "json"',
  ],
  [
    { routes: [{ ...route, contentType: 1 }] },
    "routes[0].contentType",
    'expected a MIME type such as "application/json", or { text, binary, client, server }, got 1',
  ],
  [
    { routes: [{ ...route, contentType: { client: { text: 1 } } }] },
    "routes[0].contentType.client.text",
    'expected a MIME type such as "application/json", got 1',
  ],
  [
    { routes: [{ ...route, contentType: { Server: "a/b" } }] },
    "routes[0].contentType.Server",
    "unknown option; did you mean `server`?",
  ],
]);
