import { testProblems } from "../../problems.ts";

const anySize = 'a number of bytes or a size such as "64KiB" or "1MiB"';
const route = { path: "/a", upstream: "ws://localhost:1" };

testProblems([
  [{ routes: {} }, "routes", "expected a list of routes, got {}"],
  [
    { routes: [route, { ...route, path: "/a" }] },
    "routes[1].path",
    'expected a path of its own, got "/a", which matches the same requests as routes[0]',
  ],
  [
    { routes: [{ ...route, path: "/x?y" }] },
    "routes[0].path",
    'expected a path without a query or fragment, got "/x?y"',
  ],
  [
    { routes: [{ ...route, path: "/*/x" }] },
    "routes[0].path",
    'expected a path with `*` only as the whole last segment, got "/*/x"',
  ],
  [
    { routes: [{ ...route, path: "/x:id" }] },
    "routes[0].path",
    'expected a path whose parameters are whole segments such as `:id`, got "/x:id"',
  ],
  [
    { routes: [{ ...route, path: "/:id/:id" }] },
    "routes[0].path",
    'expected a path that names `:id` only once, got "/:id/:id"',
  ],
  [
    { routes: [{ ...route, path: "/a//b" }] },
    "routes[0].path",
    'expected a path without empty segments, got "/a//b"',
  ],
  [
    { routes: [{ ...route, path: "/a/../b" }] },
    "routes[0].path",
    'expected a path without `.` and `..` segments, got "/a/../b"',
  ],
  [
    { routes: [{ ...route, path: "/a%20b" }] },
    "routes[0].path",
    'expected a path without spaces, `%` or `\\` (paths are matched percent-decoded), got "/a%20b"',
  ],
  [
    { routes: [{ ...route, upstream: "localhost:80" }] },
    "routes[0].upstream",
    'expected an http, https, ws or wss URL, got "localhost:80"',
  ],
  [
    { routes: [{ ...route, upstream: "ws://a/#b" }] },
    "routes[0].upstream",
    'expected a URL without a fragment, got "ws://a/#b"',
  ],
  [
    { routes: [{ ...route, upstream: "ws://u:pw@a" }] },
    "routes[0].upstream",
    'expected a URL without user and password: set the header in a policy\'s upgrade hook, got "ws://…@a"',
  ],
  [
    { routes: [{ ...route, onError: "ignore" }] },
    "routes[0].onError",
    'expected one of "close", "drop", "pass", got "ignore"',
  ],
  [
    { routes: [{ ...route, maxMessageSize: "1MB" }] },
    "routes[0].maxMessageSize",
    `expected ${anySize}, at least 1, got "1MB"`,
  ],
  [
    { routes: [{ ...route, maxMessageSize: 0 }] },
    "routes[0].maxMessageSize",
    `expected ${anySize}, at least 1, got 0`,
  ],
]);
