import test from "ava";
import { findRoute } from "../../core/request/route.ts";
import { createRouter } from "../../core/routes/router.ts";
import { exchangeOf, requestOf, runtimeOf } from "./exchanges.ts";

const rooms = runtimeOf({ path: "/rooms/:room" });
const closed = runtimeOf({ path: "/closed", enabled: false });
const router = createRouter([rooms, closed]);

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
  ["/elsewhere", "ERR_NO_ROUTE", "no route for /elsewhere"],
] as const) {
  test(`${url} comes to none: ${code}`, (t) => {
    const exchange = exchangeOf(requestOf(url));
    t.deepEqual(findRoute(exchange, router), { refusal: { code, detail } });
    t.is(exchange.routed, undefined);
  });
}

test("a disabled route refuses, and the exchange knows it", (t) => {
  const exchange = exchangeOf(requestOf("/closed"));
  const detail = "the route /closed is disabled";
  t.deepEqual(findRoute(exchange, router), { refusal: { code: "ERR_NO_ROUTE", detail } });
  t.is(exchange.routed?.runtime, closed);
});
