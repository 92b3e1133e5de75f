import test from "ava";
import { fieldValue, type HeaderFields } from "../../core/net/headers.ts";
import { resolveTarget } from "../../core/net/target.ts";
import { requestFieldsOf, responseFieldsOf } from "../../core/request/passed-fields.ts";
import { requestOf, routedOf } from "./exchanges.ts";

const target = resolveTarget("http://server.test:81", "/");
const secureTarget = resolveTarget("https://server.test", "/");

/** The fields of a request to the server, by name. */
function passOn(
  route: object,
  headers: Readonly<Record<string, string>> = {},
  without: readonly string[] = [],
) {
  if (target === undefined) throw new Error("no target");
  const fields = requestFieldsOf(routedOf(route, requestOf("/rooms/7", headers)), target, {
    scheme: "ws",
    without,
  });
  return Object.fromEntries(fields.map(([name]) => [name, fieldValue(fields, name.toLowerCase())]));
}

test("the client's own fields go on, but for those of its hop and those that are left out", (t) => {
  const headers = { "X-A": "1", Connection: "x-hop", "X-Hop": "1", TE: "trailers", Expect: "100-continue" };
  t.deepEqual(passOn({ forwarded: [] }, headers, ["expect"]), { Host: "gate", "X-A": "1" });
});

for (const [hostHeader, plain, secure] of [
  ["auto", "gate", "server.test"],
  ["upstream", "server.test:81", "server.test"],
  ["client", "gate", "gate"],
  ["other.test", "other.test", "other.test"],
]) {
  test(`hostHeader: ${hostHeader}`, (t) => {
    const hostFor = (server: typeof target) =>
      requestFieldsOf(routedOf({ hostHeader }, requestOf("/")), server!, { scheme: "ws", without: [] })[0];
    t.deepEqual(hostFor(target), ["Host", plain!]);
    t.deepEqual(hostFor(secureTarget), ["Host", secure!]);
  });
}

test("of scheme and host what the client says is replaced by what the gateway says", (t) => {
  const fields = passOn({}, { "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "evil.test" });
  t.is(fields["X-Forwarded-Proto"], "ws");
  t.is(fields["X-Forwarded-Host"], "gate");
});

test("the request's id and the rules of the route", (t) => {
  const rules = { set: { "X-Id": `\${id}`, "X-Room": `\${params.room}` }, remove: ["x-a"] };
  const route = { path: "/rooms/:room", requestId: {}, headers: { request: rules } };
  const fields = passOn(route, { "X-A": "1", "X-Request-Id": "theirs" });
  t.like(fields, { "x-request-id": "id-1", "x-id": "id-1", "x-room": "7" });
  t.false("X-A" in fields || "X-Request-Id" in fields);
});

test("the answer: the server's fields, the request's id in place of its own, and the rules", (t) => {
  const answer: HeaderFields = [
    ["X-Request-Id", "the server's"],
    ["Transfer-Encoding", "chunked"],
    ["Server", "s"],
  ];
  const route = { requestId: {}, headers: { response: { remove: ["server"], add: { "X-B": "2" } } } };
  t.deepEqual(responseFieldsOf(routedOf(route), answer), [
    ["x-request-id", "id-1"],
    ["x-b", "2"],
  ]);
  t.deepEqual(responseFieldsOf(routedOf({}), answer), [
    ["X-Request-Id", "the server's"],
    ["Server", "s"],
  ]);
});
