import test from "ava";
import { findRoute } from "../../core/request/route.ts";
import { createRouter } from "../../core/routes/router.ts";
import { exchangeOf, requestOf, runtimeOf } from "./exchanges.ts";

const rooms = runtimeOf({ path: "/rooms/:room" });
const closed = runtimeOf({ path: "/closed", enabled: false });
const files = runtimeOf({ path: "/files/*" });
const hosted = runtimeOf({ path: "/hosted", match: { host: "else.example" } });
const router = createRouter([rooms, closed, files, hosted]);
const twoCases = "upper and lower case count";

test("the route, its parameters, and what policies are told of the request", (t) => {
  const exchange = exchangeOf(requestOf("/rooms/a%20b?x=1", { "X-A": "1" }));
  const found = findRoute(exchange, router);
  if ("refusal" in found) return t.fail(found.refusal.detail);
  t.is(found, exchange.routed as typeof found);
  t.is(found.runtime, rooms);
  t.deepEqual(found.context.request.params, { room: "a b" });
  t.deepEqual(found.context.request.query, { x: "1" });
  t.deepEqual(found.context.route, { path: "/rooms/:room" });
});

for (const [url, code, detail] of [
  ["/rooms/%zz", "ERR_BAD_PATH", "path /rooms/%zz"],
  ["/rooms/a?b#", "ERR_BAD_PATH", "a # in the query of /rooms/a"],
  ["/elsewhere", "ERR_NO_ROUTE", "no route for /elsewhere"],
  ["/Closed", "ERR_NO_ROUTE", `no route for /Closed, but one for /closed: ${twoCases}`],
  ["/ROOMS/A", "ERR_NO_ROUTE", `no route for /ROOMS/A, but one for /rooms/A: ${twoCases}`],
  ["/rooms/a/", "ERR_NO_ROUTE", "no route for /rooms/a/, but one for /rooms/a: the slash at the end counts"],
  ["/files", "ERR_NO_ROUTE", "no route for /files, but one for /files/: the slash at the end counts"],
  ["/Files/A/b", "ERR_NO_ROUTE", `no route for /Files/A/b, but one for /files/A/b: ${twoCases}`],
  ["/rooms", "ERR_NO_ROUTE", "no route for /rooms"],
  ["/hosted/", "ERR_NO_ROUTE", "no route for /hosted/"],
] as const) {
  test(`${url} comes to none: ${code}`, (t) => {
    const exchange = exchangeOf(requestOf(url));
    t.deepEqual(findRoute(exchange, router), { refusal: { code, detail } });
    t.is(exchange.routed, undefined);
  });
}

test("no route is looked for near a path that nobody has mistyped", (t) => {
  const detailOf = (path: string) => {
    const found = findRoute(exchangeOf(requestOf(path)), router);
    return "refusal" in found ? found.refusal.detail.slice(`no route for ${path}`.length) : "";
  };
  t.is(detailOf(`/ROOMS/${"a".repeat(249)}`), `, but one for /rooms/${"a".repeat(249)}: ${twoCases}`);
  t.is(detailOf(`/ROOMS/${"a".repeat(250)}`), "");
});

test("a disabled route refuses, and the exchange knows it", (t) => {
  const exchange = exchangeOf(requestOf("/closed"));
  const detail = "the route /closed is disabled";
  t.deepEqual(findRoute(exchange, router), { refusal: { code: "ERR_NO_ROUTE", detail } });
  t.is(exchange.routed?.runtime, closed);
});
