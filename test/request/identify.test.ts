import test from "ava";
import { findRoute } from "../../core/request/route.ts";
import { createRouter } from "../../core/routes/router.ts";
import { exchangeOf, requestOf, routedOf, runtimeOf } from "./exchanges.ts";

test("who asks, and for what", (t) => {
  const { path, sender } = exchangeOf(requestOf("/a/b?c=1"));
  t.is(path, "/a/b");
  t.like(sender, { address: "", port: 0, tls: false, host: "gate" });
});

test("a part of which trace: of none without telemetry, else of the client's", (t) => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const request = requestOf("/", { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  t.is(exchangeOf(request).trace, undefined);
  t.like(exchangeOf(request, { traceSample: 0 }).trace, { traceId, isSampled: true });
});

test("an id is made when somebody asks for it, and once", (t) => {
  let made = 0;
  const newId = (): string => `${++made}`;
  const exchange = exchangeOf(requestOf("/"), { newId });
  findRoute(exchange, createRouter([runtimeOf({ requestId: {} })]));
  t.is(made, 0);
  t.deepEqual([exchange.id, exchange.id], ["1", "1"]);
  t.is(made, 1);
});

test("the request's id: the gateway's own, or the client's where the route trusts it; none before the route", (t) => {
  const given = requestOf("/", { "X-Request-Id": "theirs" });
  t.is(exchangeOf(given).requestId, undefined);
  t.deepEqual(exchangeOf(given).ids, { id: "id-1" });
  t.is(routedOf({}, given).exchange.requestId, undefined);
  const own = routedOf({ requestId: {} }, given).exchange;
  t.deepEqual(own.requestId, ["x-request-id", "id-1"]);
  t.is(own.requestId, own.requestId, "made once");
  const theirs = routedOf({ requestId: { trust: true } }, given).exchange;
  t.deepEqual(theirs.ids, { id: "id-1", requestId: "theirs" });
});
