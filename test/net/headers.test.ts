import test from "ava";
import {
  changeHeaders,
  endToEnd,
  fieldValue,
  formatHead,
  type HeaderFields,
  readRawHeaders,
} from "../../core/net/headers.ts";

const names = (fields: HeaderFields) => fields.map(([name]) => name);
const fieldsOf = (...list: readonly string[]): HeaderFields => list.map((name) => [name, "1"]);

test("raw headers keep order, case and repetition", (t) => {
  t.deepEqual(readRawHeaders(["X-A", "1", "x-a", "2"]), [
    ["X-A", "1"],
    ["x-a", "2"],
  ]);
});

test("what belongs to one hop does not go on, in any case", (t) => {
  const hop = [
    "Connection",
    "UPGRADE",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authorization",
    "TE",
    "Trailer",
  ];
  const more = ["Proxy-Authenticate", "Transfer-Encoding", "Content-Length", "Sec-WebSocket-Extensions"];
  const kept = ["Host", "Origin", "Cookie", "Authorization", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol"];
  t.deepEqual(names(endToEnd(fieldsOf(...hop, ...kept, ...more))), kept);
});

test("fields that Connection names go too, but never those of the handshake", (t) => {
  const fields: HeaderFields = [
    ["Connection", "keep-alive, X-Hop,Sec-WebSocket-Key"],
    ["connection", "X-Other"],
    ...fieldsOf("X-Hop", "x-other", "X-Kept", "Sec-WebSocket-Key"),
  ];
  t.deepEqual(names(endToEnd(fields)), ["X-Kept", "Sec-WebSocket-Key"]);
});

test("thousands of fields that Connection names go, and what stays keeps its order", (t) => {
  const hops = Array.from({ length: 4000 }, (_, n) => `X-${n}`);
  const fields: HeaderFields = [
    ["Connection", hops.join(" , ").toUpperCase()],
    ...fieldsOf(...hops.flatMap((name) => [name, `${name}-kept`])),
  ];
  t.deepEqual(
    names(endToEnd(fields)),
    hops.map((name) => `${name}-kept`),
  );
});

test("fields that the gateway sets itself are left out, those of the handshake too", (t) => {
  const fields = fieldsOf("Host", "X-Forwarded-For", "Sec-WebSocket-Protocol", "X");
  t.deepEqual(names(endToEnd(fields, ["host", "x-forwarded-for", "sec-websocket-protocol"])), ["X"]);
});

test("changes set, repeat and remove, whatever the case", (t) => {
  const fields: HeaderFields = [
    ["Cookie", "a"],
    ["X-A", "1"],
    ["x-a", "2"],
    ["Origin", "o"],
  ];
  t.deepEqual(changeHeaders(fields, { "x-a": ["3", "4"], cookie: null, "x-new": ["5"] }), [
    ["Origin", "o"],
    ["x-a", "3"],
    ["x-a", "4"],
    ["x-new", "5"],
  ]);
});

test("a header named like a property of every object stays", (t) => {
  const fields = fieldsOf("constructor", "__proto__");
  t.deepEqual(changeHeaders(fields, {}), fields);
});

test("a value is all its fields joined", (t) => {
  const fields: HeaderFields = [
    ["X-A", "1"],
    ["x-a", "2"],
  ];
  t.is(fieldValue(fields, "x-a"), "1, 2");
  t.is(fieldValue(fields, "x-b"), undefined);
});

test("a head ends with an empty line", (t) => {
  t.is(formatHead("GET / HTTP/1.1", [["A", "b"]]), "GET / HTTP/1.1\r\nA: b\r\n\r\n");
});
