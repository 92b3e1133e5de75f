import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { firstDecision } from "../../core/request/decision.ts";
import { hashKeyOf, serverRequest } from "../../core/request/server-request.ts";
import { requestOf, routedOf } from "./exchanges.ts";

const both = { text: "a/b", binary: "a/b" };
const types = { client: both, server: both };

test("the route's own server, or what the policies say; the URL as the client sent it", (t) => {
  const routed = routedOf({}, requestOf("/x?y"));
  const { signal } = new AbortController();
  t.like(serverRequest(routed, firstDecision(types), signal), { url: "/x?y", connect: undefined, signal });
  const request = serverRequest(routed, { ...firstDecision(types), connect: "blue" }, signal);
  t.is(request.connect, "blue");
  t.is(request.route, routed.config);
});

const { context } = routedOf(
  { path: "/:room/*" },
  requestOf("/r1/x?room=r2&q=q1&__proto__=p", { "X-User": "ada" }),
);

for (const [hash, key] of [
  ["address", ""],
  ["header:x-user", "ada"],
  ["header:x-none", undefined],
  ["param:room", "r1"],
  ["param:q", "q1"],
  ["param:toString", undefined],
  ["attribute:name", "ada"],
  ["attribute:group", '{"id":1}'],
  ["attribute:none", undefined],
] as const) {
  test(`hashed by ${hash}: ${key}`, (t) => {
    const upstream = { targets: [{ url: "http://a.test" }], balance: { hash } };
    const { upstreams } = resolveConfig({ upstreams: { u: upstream } }, { dir: "/" });
    const balance = upstreams[0]?.balance;
    if (balance === undefined) return t.fail("no upstream");
    t.is(hashKeyOf(balance, context, { name: "ada", group: { id: 1 } }), key);
  });
}

test("nothing is hashed where connections go round", (t) => {
  t.is(hashKeyOf({ kind: "round-robin" }, context, {}), undefined);
});
