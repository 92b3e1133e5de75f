import test from "ava";
import fc from "fast-check";
import { inferMessages } from "../../core/description/infer/infer.ts";
import { chooseMessages } from "../../core/description/infer/recorded-messages.ts";
import type { MessageLine } from "../../core/recording/format.ts";
import { readSessions } from "../../core/recording/read-recording.ts";
import { createSideCheck } from "../../policies/messages/check-side.ts";
import { messageLine, recordingOf, upgradeLine } from "../recording/lines.ts";

const infer = (values: readonly unknown[]) => {
  const lines = values.map((value): MessageLine => messageLine({ body: { text: JSON.stringify(value) } }));
  const { messages, sides } = inferMessages(lines);
  return { ...messages.client, kinds: sides.client.kinds };
};
const schemaOf = (...values: readonly unknown[]) => infer(values).messages.message?.schema;
const times = <T>(count: number, value: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => value(index));

test("all messages that a schema was made of fit it, whatever they are", (t) => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const kind = fc.record(
    { type: fc.constantFrom("a", "b"), id: fc.uuid(), at: fc.date({ noInvalidDate: true }), n: fc.double() },
    { requiredKeys: ["type"] },
  );
  const dictionary = fc.record({ ids: fc.dictionary(fc.string(), json, { minKeys: 30, maxKeys: 90 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(json, kind, dictionary), { maxLength: 40 }), (values) => {
      const { kinds, ...side } = infer(values);
      const check = createSideCheck(side, {});
      for (const value of values) t.is(check({ body: JSON.stringify(value) }), undefined);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test("required is what all have; integers and numbers; null and other types are kept", (t) => {
  t.deepEqual(schemaOf({ a: 1, b: "x" }, { a: 1.5, c: null }), {
    type: "object",
    required: ["a"],
    properties: { a: { type: "number" }, b: { type: "string" }, c: { type: "null" } },
  });
  t.deepEqual(schemaOf([1, -2, null], [[true]]), {
    type: "array",
    items: { type: ["array", "integer", "null"], items: { type: "boolean" } },
  });
  t.deepEqual(schemaOf([]), { type: "array", items: {} });
});

test("formats, bounds and the only values there are: where the evidence is strong, and not before", (t) => {
  const day = (index: number) => `2026-01-${String((index % 28) + 1).padStart(2, "0")}T00:00:00Z`;
  const member = (count: number, value: (index: number) => unknown) => {
    const schema = schemaOf(...times(count, (index) => ({ v: value(index) })));
    return (schema as { properties: { v: object } }).properties.v;
  };
  t.deepEqual(member(4, day), { type: "string" });
  t.deepEqual(member(5, day), { type: "string", format: "date-time" });
  t.deepEqual(
    member(30, () => day(1)),
    { type: "string" },
  );
  t.deepEqual(
    member(30, (index) => (index === 29 ? "soon" : day(index))),
    { type: "string" },
  );
  t.deepEqual(
    member(30, (index) => `https://${"x".repeat(99)}/${index}`),
    { type: "string", format: "uri" },
  );
  t.deepEqual(
    member(30, (index) => `a:${index}`),
    { type: "string" },
  );
  t.deepEqual(
    member(20, (index) => (index % 2 === 0 ? "up" : "down")),
    { type: "string", enum: ["down", "up"] },
  );
  t.deepEqual(
    member(19, (index) => (index % 2 === 0 ? "up" : "down")),
    { type: "string" },
  );
  t.deepEqual(
    member(20, (index) => (index === 0 ? "up" : "down")),
    { type: "string" },
  );
  t.deepEqual(
    member(20, (index) => index),
    { type: "integer", minimum: 0 },
  );
  t.deepEqual(
    member(19, (index) => index),
    { type: "integer" },
  );
  t.deepEqual(
    member(20, (index) => index - 1),
    { type: "integer" },
  );
});

test("kinds: by a usual member, else by one that makes them more alike; ids and what only some have tell nothing", (t) => {
  const usual = infer([{ type: "say/it", text: "a" }, { type: "leave" }, { type: "say it", text: "b" }]);
  t.is(usual.discriminator, "type");
  t.deepEqual(Object.keys(usual.messages), ["say_it", "leave", "say_it2"]);
  t.deepEqual(usual.messages.leave, {
    values: ["leave"],
    schema: { type: "object", required: ["type"], properties: { type: { const: "leave" } } },
  });
  const codes = times(6, (index) => (index % 2 === 0 ? { op: 1 } : { op: 2, d: 1 }));
  t.deepEqual(infer(codes).messages["2"]?.values, [2]);
  const rooms = times(8, (index) =>
    index % 2 === 0 ? { what: "a", room: "x", one: 1 } : { what: "b", room: "x", two: 2 },
  );
  t.is(infer(rooms).discriminator, "what");
  t.is(infer(rooms.map(({ room, what }) => ({ room, what }))).discriminator, undefined);
  t.is(infer(times(8, (index) => ({ id: `${index}`, [index % 2]: 1 }))).discriminator, undefined);
  t.is(infer([{ type: "a" }, {}]).discriminator, undefined);
  t.is(infer([{ type: "[redacted:1]" }, { type: "b" }]).discriminator, undefined);
  // What is no object has no member: then each kind is tried.
  const mixed = infer([{ type: "a" }, { type: "b" }, 5]);
  t.deepEqual([mixed.discriminator, Object.keys(mixed.messages)], [undefined, ["a", "b", "message"]]);
});

test("objects with very many names are tables of values", (t) => {
  t.deepEqual(schemaOf(...times(70, (index) => ({ [`id-${index}`]: { n: index } }))), {
    type: "object",
    additionalProperties: {
      type: "object",
      required: ["n"],
      properties: { n: { type: "integer", minimum: 0 } },
    },
  });
});

test("what is hidden, empty, rare, mixed or seldom is said", (t) => {
  const many = times(12, () => ({ token: "[redacted:1]", list: [], nothing: null, "a/b": 1 }));
  const { kinds, messages } = infer([
    ...many,
    { token: "x", list: [], nothing: null, "a/b": "x", rare: true },
  ]);
  t.deepEqual(kinds[0]?.doubts, [
    "/token is hidden in the recording: it may be anything",
    "/list has always been empty",
    "/nothing has always been null",
    "/a~1b has had values of several types",
    "/rare was there in 1 of 13, and is optional",
  ]);
  t.like(messages.message?.schema, { properties: { token: {} } });
  t.deepEqual(infer([1]).kinds[0]?.doubts, ["seen 1 time only"]);
});

test("text that is no JSON, bytes, and messages that are there in part", (t) => {
  const lines = [
    messageLine({ body: { text: "hello" } }),
    messageLine({ body: { base64: "/w==" } }),
    messageLine({ body: { base64: Buffer.from('{"a":1}').toString("base64") } }),
    messageLine({ body: { text: '{"b":', length: 9000 } }),
  ];
  const { messages, sides } = inferMessages(lines);
  t.true(messages.client.passesOthers);
  t.deepEqual([sides.client.count, sides.client.others, sides.client.cut], [4, 2, 1]);
  t.deepEqual(
    sides.client.kinds.map(({ name, count }) => [name, count]),
    [["message", 1]],
  );
  t.deepEqual(messages.server, { messages: {} });
});

test("which sessions: of one route, else they are named; the path is the route's, or the only one", (t) => {
  const recording = readSessions(
    recordingOf(
      upgradeLine({ session: "a", route: "/chat/:room", url: "/chat/x?y" }),
      upgradeLine({ session: "b", route: "other", url: "/b?y" }),
      messageLine({ session: "a" }),
      messageLine({ session: "b" }),
    ),
    "r",
  );
  t.throws(() => chooseMessages(recording, undefined, "r"), {
    message:
      "r has sessions of 2 routes. Name one with --route:\n  /chat/:room (1 session)\n  other (1 session)",
  });
  t.throws(() => chooseMessages(recording, "no", "r"), {
    message: /^r has no session of a route "no"\. It has:/,
  });
  // A HAR file knows of no routes.
  const har = recordingOf(
    upgradeLine({ route: "", url: "/c?y" }),
    upgradeLine({ session: "s2", route: "", url: "/c" }),
  );
  t.like(chooseMessages(readSessions(har, "r"), undefined, "r"), { path: "/c", sessions: 2 });
  t.like(chooseMessages(recording, "/chat/:room", "r"), { path: "/chat/:room", sessions: 1 });
  t.is(chooseMessages(recording, "other", "r").path, "/b");
  t.is(chooseMessages(recording, "other", "r").messages.length, 1);
});
