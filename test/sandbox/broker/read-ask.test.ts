import test from "ava";
import fc from "fast-check";
import { CapabilityError } from "../../../sandbox/broker/errors.ts";
import { readFetchAsk, readKvAsk, readSecretAsk } from "../../../sandbox/broker/read-ask.ts";

const refused = { instanceOf: CapabilityError, message: "what was asked for cannot be read" };
const FETCH = { url: "https://a.test/", method: "GET", headers: [["a", "b"]], redirect: "follow" };

test("what a policy asks for comes out as it went in, and nothing beside it", (t) => {
  t.deepEqual(readFetchAsk(JSON.stringify({ ...FETCH, more: 1 })) as unknown, FETCH);
  for (const ask of [
    { op: "get", key: "a" },
    { op: "delete", key: "a" },
    { op: "set", key: "a", value: "1", expires: 5 },
    { op: "increment", key: "a", by: 2 },
    { op: "compareAndSet", key: "a", expected: null, value: "1" },
  ])
    t.deepEqual(readKvAsk(JSON.stringify(ask)) as unknown, ask);
  t.is(readSecretAsk('{"name":"token"}'), "token");
});

test("headers are limited by their bytes, however many they are, and what has more is told the limit", (t) => {
  const headers = Array.from({ length: 16_384 / 8 }, () => ["abc", "d"]);
  t.deepEqual(readFetchAsk(JSON.stringify({ ...FETCH, headers })).headers as unknown, headers);
  const tooMany = JSON.stringify({ ...FETCH, headers: [...headers, ["a", ""]] });
  const message = "fetch: the headers have more than 16384 bytes";
  t.throws(() => readFetchAsk(tooMany), { instanceOf: CapabilityError, message });
});

test("what no policy asks for is refused, a body that would become memory among it", (t) => {
  for (const change of [
    { body: 5 },
    { body: { length: 2 ** 31 } },
    { body: { type: "Buffer", data: [1] } },
    { url: null },
    { method: ["GET"] },
    { headers: { a: "b" } },
    { headers: [["a"]] },
    { headers: [["a", 5]] },
    { redirect: "maybe" },
  ])
    t.throws(() => readFetchAsk(JSON.stringify({ ...FETCH, ...change })), refused, JSON.stringify(change));
  for (const json of [
    "",
    "null",
    "[]",
    "5",
    '{"op":"get"}',
    '{"op":"drop","key":"a"}',
    '{"op":"set","key":"a"}',
  ])
    t.throws(() => readKvAsk(json), refused, json);
  for (const json of ["{", "{}", '{"name":["token"]}']) t.throws(() => readSecretAsk(json), refused, json);
});

test("whatever text comes, it is read or refused", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
      for (const read of [readFetchAsk, readKvAsk, readSecretAsk]) {
        try {
          read(json);
        } catch (error) {
          t.true(error instanceof CapabilityError, String(error));
        }
      }
    }),
  );
});
