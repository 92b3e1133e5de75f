import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import test from "ava";
import { describeRequest, pathOf } from "../../core/request/request-context.ts";
import { readSender } from "../../core/request/sender.ts";

const describe = (url: string) =>
  describeRequest(
    { method: "GET", url, rawHeaders: ["X-A", "1", "X-A", "2"] } as unknown as IncomingMessage,
    readSender({ headers: {} }, new Socket(), undefined),
    "/r/:id",
    { id: "7" },
  );

test("the request as plain JSON", (t) => {
  const { request, client, route } = JSON.parse(JSON.stringify(describe("/r/7?a=1&b=x%20y&a=2&c")));
  t.deepEqual(request, {
    method: "GET",
    url: "/r/7?a=1&b=x%20y&a=2&c",
    path: "/r/7",
    params: { id: "7" },
    query: { a: "1", b: "x y", c: "" },
    queryAll: { a: ["1", "2"], b: ["x y"], c: [""] },
    headers: [
      ["X-A", "1"],
      ["X-A", "2"],
    ],
  });
  t.deepEqual(client, { address: "", port: 0, tls: false, certificate: null });
  t.deepEqual(route, { path: "/r/:id" });
});

test("a query parameter may be called like a property of every object", (t) => {
  const { request } = describe("/?__proto__=x&constructor=y&__proto__=z");
  t.deepEqual(Object.entries(request.query), [
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  t.deepEqual(Object.entries(request.queryAll)[0], ["__proto__", ["x", "z"]]);
});

test("a path ends where the query begins", (t) => {
  t.is(pathOf("/a/b?c?d"), "/a/b");
  t.is(pathOf("/a"), "/a");
});
