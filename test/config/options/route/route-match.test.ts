import test from "ava";
import { resolveConfig } from "../../../../core/config/index.ts";
import { problemsOf, testProblems } from "../../problems.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("routes whose parameters have other names match the same requests", (t) => {
  const routes = [
    { ...route, path: "/:a/x" },
    { ...route, path: "/:b/x" },
    { ...route, path: "/:b/y" },
  ];
  t.deepEqual(
    problemsOf(t, () => resolveConfig({ routes }, { dir: "/" })).map(({ path }) => path),
    ["routes[1].path"],
  );
});

test("routes of one path are told apart by their match, and named after it", (t) => {
  const routes = [
    { ...route },
    { ...route, match: { host: "A.example" } },
    { ...route, match: { host: ["*.example", "b.example"], headers: { "X-Version": "2" } } },
    { ...route, match: { headers: { "X-Version": "2" } }, enabled: false },
  ];
  const config = resolveConfig({ routes }, { dir: "/" });
  t.deepEqual(
    config.routes.map(({ name }) => name),
    ["/a", "a.example/a", "*.example,b.example/a [x-version: 2]", "/a [x-version: 2]"],
  );
  t.deepEqual(config.routes[2]!.match, {
    hosts: ["*.example", "b.example"],
    headers: { "x-version": "2" },
    clients: [],
  });
  t.deepEqual(
    config.routes.map(({ enabled }) => enabled),
    [true, true, true, false],
  );
});

test("routes of one path are told apart by the networks of their clients, however these are written", (t) => {
  const routes = [
    { ...route, match: { client: "10.1.2.3/8" } },
    { ...route, match: { client: ["::1", "2001:DB8::/32"], headers: { "X-Version": "2" } } },
  ];
  const config = resolveConfig({ routes }, { dir: "/" });
  t.deepEqual(
    config.routes.map(({ name }) => name),
    ["/a [10.0.0.0/8]", "/a [x-version: 2] [0:0:0:0:0:0:0:1/128, 2001:db8:0:0:0:0:0:0/32]"],
  );
});

testProblems([
  [
    { routes: [{ ...route, match: { client: "10.0.0.0/33" } }] },
    "routes[0].match.client",
    'expected an address or network such as "10.0.0.0/8" or "::1", got "10.0.0.0/33"',
  ],
  [
    {
      routes: [
        { ...route, match: { client: ["10.0.0.0/8", "::1"] } },
        { ...route, match: { client: "10.9.9.9/8" } },
      ],
    },
    "routes[1].path",
    'expected a path of its own, got "/a", which matches the same requests as routes[0]',
  ],
  [
    { routes: [route, { ...route, path: "/b", name: "/a" }] },
    "routes[1].name",
    'expected a name of its own, got "/a", which is that of routes[0] too',
  ],
  [
    { routes: [{ ...route, match: { host: "a.example:80" } }] },
    "routes[0].match.host",
    'expected a host name such as "app.example.com" or "*.example.com", without a port, got "a.example:80"',
  ],
  [
    {
      routes: [
        { ...route, path: "/:x", match: { host: ["a.example", "B.example"] } },
        { ...route, path: "/:y", match: { host: ["b.example", "c.example"] } },
      ],
    },
    "routes[1].path",
    'expected a path of its own, got "/:y", which matches the same requests as routes[0]',
  ],
]);
