import test from "ava";
import { parseOriginPattern } from "../../core/net/origin-pattern.ts";
import { createAllowList } from "../../core/upstream/allow-list.ts";

const cases: readonly (readonly [pattern: string, url: string, isAllowed: boolean])[] = [
  ["https://*.orders.internal", "https://a.orders.internal/x", true],
  ["https://*.orders.internal", "wss://a.b.orders.internal", true],
  ["https://*.orders.internal", "https://orders.internal", false],
  ["https://*.orders.internal", "https://evilorders.internal", false],
  ["https://*.orders.internal", "https://a.orders.internal.evil.example", false],
  ["https://*.orders.internal", "https://a.orders.internal:8443", false],
  ["https://*.orders.internal", "http://a.orders.internal", false],
  ["https://*.orders.internal", "https://evil.example/.orders.internal", false],
  ["https://*.orders.internal", "https://evil.example#.orders.internal", false],
  ["https://*.orders.internal", "https://a.orders.internal@evil.example/", false],
  ["http://127.0.0.1:*", "ws://127.0.0.1:9000", true],
  ["http://127.0.0.1:*", "http://127.1", true],
  ["http://127.0.0.1:*", "http://0x7f000001:1/", true],
  ["http://127.0.0.1:*", "http://127.0.0.2:1/", false],
  ["http://127.0.0.1", "http://127.0.0.1:80", true],
  ["http://127.0.0.1", "http://127.0.0.1:81", false],
  ["wss://*:8443", "https://anything.example:8443", true],
  ["wss://*:8443", "https://anything.example", false],
  ["http://[::1]:3000", "ws://[0:0:0:0:0:0:0:1]:3000", true],
  ["https://Example.COM", "https://example.com/", true],
  ["https://example.com", "https://example.com.", false],
  ["https://example.com", "ftp://example.com", false],
  ["https://example.com", "nonsense", false],
];

for (const [pattern, url, isAllowed] of cases) {
  test(`${pattern} ${isAllowed ? "allows" : "does not allow"} ${url}`, (t) => {
    t.is(createAllowList([]).isAllowed(url, [pattern]), isAllowed);
  });
}

test("configured servers are allowed by scheme, host and port; others and sockets are not", (t) => {
  const upstream = {
    targets: [
      { url: "https://b.example/live", weight: 1, priority: 0 },
      { url: "http://docker", socket: "/run/docker.sock", weight: 1, priority: 0 },
    ],
  };
  const list = createAllowList(["http://a.example:3000/x", "unix:/run/app.sock", upstream as never]);
  t.true(list.isAllowed("ws://a.example:3000/elsewhere", []));
  t.true(list.isAllowed("wss://b.example", []));
  for (const url of [
    "http://a.example",
    "https://a.example:3000",
    "http://docker",
    "http://c.example:3000",
  ]) {
    t.false(list.isAllowed(url, []), url);
  }
});

for (const pattern of [
  "*",
  "https://",
  "ftp://a",
  "https://a/path",
  "https://u:p@a",
  "https://a*.b",
  "https://a.*",
  "https://*b",
  "https://*.",
  "https://a:99999",
  "https://a?x",
  "a.example",
]) {
  test(`no pattern: ${pattern}`, (t) => {
    t.is(parseOriginPattern(pattern), undefined);
  });
}
