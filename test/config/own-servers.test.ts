import test from "ava";
import { ConfigError, resolveConfig } from "../../core/config/index.ts";

const problemsOf = (input: object) => {
  try {
    resolveConfig(input, { dir: "/" });
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems.map(({ path }) => path) : [error];
  }
};

test("a server that is the console or a listener is a problem of the config, however it is written", (t) => {
  const routes = [
    ["ws://127.0.0.1:9090", ["routes[0].upstream"]],
    ["http://localhost:9090/api", ["routes[0].upstream"]],
    ["http://127.1:8080", ["routes[0].upstream"]],
    ["http://[::ffff:7f00:1]:9090", ["routes[0].upstream"]],
    ["http://127.0.0.1:9000", []],
    ["http://other.example:9090", []],
  ] as const;
  for (const [upstream, expected] of routes) {
    t.deepEqual(problemsOf({ routes: [{ path: "/", upstream }] }), [...expected], upstream);
  }
});

test("a named upstream is told once, and a socket is compared too", (t) => {
  const targets = [{ url: "http://a" }, { url: "http://b", socket: "/run/gate.sock" }];
  const input = {
    listen: [{ socket: "/run/gate.sock" }],
    upstreams: { loop: { targets } },
    routes: [
      { path: "/", upstream: "loop" },
      { path: "/s", upstream: "unix:/run/gate.sock:/x" },
    ],
  };
  t.deepEqual(problemsOf(input), ["upstreams.loop", "routes[1].upstream"]);
  t.deepEqual(problemsOf({ console: false, routes: [{ path: "/", upstream: "http://127.0.0.1:9090" }] }), []);
});
