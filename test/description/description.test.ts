import test from "ava";
import fc from "fast-check";
import {
  describeChanges,
  type StoredDescription,
} from "../../core/description/changes/description-changes.ts";
import { findDiscriminator } from "../../core/description/discriminator.ts";
import { fileOriginOf, sealCode, sealJson } from "../../core/description/files/generated-file.ts";
import { renderTypes } from "../../core/description/files/types-file.ts";
import { createPlainSchemas } from "../../core/description/plain-schemas.ts";
import { checkMessages, type MessageDescription } from "../../policies/messages/index.ts";

const noMessages = { messages: {} };
const kind = (value: unknown, more: object = {}) => ({
  type: "object",
  required: ["type"],
  properties: { type: { const: value }, ...more },
});

test("messages are told apart by a member that all must have, with values that no other has; also by way of allOf and references", (t) => {
  const base = {
    type: "object",
    required: ["type", "v"],
    properties: { type: { enum: ["a", "b"] }, v: { const: 1 } },
  };
  const definitions = { Base: base, A: { allOf: [{ $ref: "#/definitions/Base" }, kind("a")] } };
  const b = { allOf: [{ $ref: "#/definitions/Base" }, kind("b")] };
  t.deepEqual(findDiscriminator({ a: { $ref: "#/definitions/A" }, b }, definitions), {
    member: "type",
    values: { a: ["a"], b: ["b"] },
  });
  const named = {
    discriminator: "name",
    required: ["type", "name"],
    properties: { type: { const: 1 }, name: { const: "x" } },
  };
  const other = {
    required: ["type", "name"],
    properties: { type: { const: 2 }, name: { enum: ["y", "z"] } },
  };
  t.is(findDiscriminator({ named, other }, {})?.member, "name");
  // Of alternatives each must say it; what is not required says it where it is there.
  const either = { oneOf: [{ $ref: "#/definitions/A" }, kind("c")] };
  t.deepEqual(findDiscriminator({ either, b: { ...kind("b"), required: [] } }, definitions)?.values, {
    either: ["a", "c"],
    b: ["b"],
  });
  t.is(findDiscriminator({ either: { oneOf: [kind("a"), {}] }, b }, definitions), undefined);
  t.is(findDiscriminator({ a: kind("a"), b: kind("a") }, {}), undefined);
  t.is(findDiscriminator({ a: kind("a"), b: true }, {}), undefined);
  t.is(findDiscriminator({ a: kind("a") }, {}), undefined);
});

test("schemas that go round in circles become definitions; what was followed already, and the parser's own, is gone", (t) => {
  const user: Record<string, unknown> = { "x-parser-schema-id": "User", $id: "http://x/", type: "object" };
  const list: Record<string, unknown> = { "x-parser-schema-id": "<anonymous-schema-1>", type: "array" };
  list.items = { anyOf: [list, { type: "null" }] };
  user.properties = { boss: user, $id: { const: { $id: 1 } }, tree: list };
  const schemas = createPlainSchemas();
  t.deepEqual(schemas.plain({ allOf: [user], properties: { user } }), {
    allOf: [{ $ref: "#/definitions/User" }],
    properties: { user: { $ref: "#/definitions/User" } },
  });
  t.deepEqual(schemas.definitions(), {
    User: {
      type: "object",
      properties: {
        boss: { $ref: "#/definitions/User" },
        $id: { const: { $id: 1 } },
        tree: { $ref: "#/definitions/Schema" },
      },
    },
    Schema: { type: "array", items: { anyOf: [{ $ref: "#/definitions/Schema" }, { type: "null" }] } },
  });
});

test("what schemas share becomes a definition, so that few that share much stay few", (t) => {
  let shared: object = kind("a");
  for (let i = 0; i < 40; i++) shared = { allOf: [shared, shared], properties: { a: shared } };
  const schemas = createPlainSchemas();
  const a = schemas.plain({ ...shared, "x-note": shared });
  t.true(JSON.stringify([a, schemas.definitions()]).length < 10_000);
  t.deepEqual(a, {
    allOf: [{ $ref: "#/definitions/Schema" }, { $ref: "#/definitions/Schema" }],
    properties: { a: { $ref: "#/definitions/Schema" } },
  });
  const once = { type: "string" };
  t.deepEqual(schemas.plain({ items: once }), { items: { type: "string" } });
  t.deepEqual(schemas.plain({ not: once }), { not: { type: "string" } }, "each schema is one of its own");
});

test("a pattern that the check of messages could not use is told of when the policy is made", (t) => {
  const { plain } = createPlainSchemas();
  for (const schema of [{ properties: { a: { pattern: "\\_" } } }, { patternProperties: { "(": true } }])
    t.throws(() => plain(schema), {
      code: "ERR_DESCRIPTION_FORMAT",
      message: /^a schema has the pattern "(\\\\_|\()", /,
    });
  t.notThrows(() => plain({ pattern: "^[\\w\\-]+$", properties: { pattern: { const: 1 } } }));
});

test("types: a namespace for each side, shared ones apart, names that languages can have", (t) => {
  const description: MessageDescription = {
    client: {
      messages: {
        "send-message": {
          schema: kind("send", { to: { type: "array", items: { $ref: "#/definitions/user name" } } }),
        },
        SendMessage: {
          schema: {
            allOf: [{ ...kind("again"), required: ["type", "n"] }, { $ref: "#/definitions/user name" }],
          },
        },
        "1st": { schema: { description: "*/ any", type: ["string", "null"] } },
        Any: { schema: true },
        record: { schema: { type: "object", additionalProperties: false } },
        readonly: { schema: false },
      },
    },
    server: { messages: { raw: { schema: false } }, passesOthers: true },
    definitions: { "user name": { type: "object", properties: { name: { type: "string" } } } },
  };
  t.is(
    renderTypes(description),
    `/** What clients send. */
export declare namespace Client {
  type Any = SendMessage | SendMessage2 | Message1st | Any2 | Record2 | Readonly2;
  type SendMessage = {
    readonly type: "send";
    readonly to?: readonly Schemas.UserName[];
  };
  type SendMessage2 = {
    readonly type: "again";
    readonly n: unknown;
  } & Schemas.UserName;
  /** *\\/ any */
  type Message1st = string | null;
  type Any2 = unknown;
  type Record2 = Readonly<Record<string, never>>;
  type Readonly2 = unknown;
}

/** What servers send. */
export declare namespace Server {
  type Any = unknown;
  type Raw = unknown;
}

/** What messages are made of. */
export declare namespace Schemas {
  type UserName = {
    readonly name?: string;
  };
}
`,
  );
});

test("a file knows whether somebody has edited it; how JSON is written is no edit", (t) => {
  const code = sealCode("a.ts", "Made.", "const a = 1;\n");
  t.is(fileOriginOf(code).kind, "generated");
  t.is(fileOriginOf({ ...code, text: code.text.replaceAll("\n", "\r\n") }).kind, "generated");
  t.is(fileOriginOf({ ...code, text: `${code.text}// mine\n` }).kind, "edited");
  t.is(fileOriginOf({ ...code, text: "const a = 1;\n" }).kind, "foreign");
  const json = sealJson("a.json", "Made.", { a: [1] });
  t.is(fileOriginOf({ ...json, text: JSON.stringify(JSON.parse(json.text)) }).kind, "generated");
  t.is(fileOriginOf({ ...json, text: json.text.replace("1\n", "2\n") }).kind, "edited");
  for (const text of ["{", "[]", '{ "digest": 1 }']) t.is(fileOriginOf({ ...json, text }).kind, "foreign");
});

const stored = (schema: object | boolean, more: Partial<StoredDescription> = {}): StoredDescription => ({
  path: "/",
  client: { messages: { m: { schema } } },
  server: noMessages,
  ...more,
});
const changesOf = (
  before: object | boolean,
  after: object | boolean,
  definitions: readonly object[] = [{}, {}],
) =>
  describeChanges(
    stored(before, { definitions: definitions[0] as StoredDescription["definitions"] }),
    stored(after, { definitions: definitions[1] as StoredDescription["definitions"] }),
  ).map(({ place, text, isBreaking }) => `${isBreaking ? "!" : ""}${place.trim()}: ${text}`);

test("what changed: breaking is what lets less pass", (t) => {
  const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
  const closed = { additionalProperties: false };
  for (const [before, after, ...expected] of [
    [
      { type: "string", title: "a" },
      { type: "string", title: "b" },
    ],
    [{ type: "number" }, { type: "integer" }, "!client m: must be integer now, was number"],
    [{ type: "integer" }, { type: "number" }, "client m: must be number now, was integer"],
    [{ type: "string" }, {}, "client m: must be anything now, was string"],
    [true, false, "!client m: `not` is another now: less may pass"],
    [{ const: 1 }, { enum: [1, 2] }, "client m: may be 2 now"],
    [{ enum: [1, 2] }, { const: 3 }, "!client m: may not be 1 or 2 any more", "client m: may be 3 now"],
    [{}, { enum: ["a"] }, '!client m: must be "a" now'],
    [{ enum: ["a"] }, {}, 'client m: need not be "a" any more'],
    [object({}), object({ a: true }, { required: ["a"] }), "!client m: `a` is new, and required"],
    [object({}), object({ a: true }), "client m: `a` is new, and was not checked before"],
    [object({}, closed), object({ a: true }, closed), "client m: `a` is new"],
    [object({ a: true }, closed), object({}, closed), "!client m: `a` may not be there any more"],
    [object({ a: true }), object({}), "client m: `a` is not described any more"],
    [object({ a: true }), object({ a: true }, { required: ["a"] }), "!client m: `a` is required now"],
    [object({ a: true }, { required: ["a"] }), object({ a: true }), "client m: `a` is not required any more"],
    [object({}), object({}, closed), "!client m: members that are not described may not be there any more"],
    [object({}, closed), object({}), "client m: members that are not described may be there now"],
    [
      object({ a: { maxLength: 2 } }),
      object({ a: { maxLength: 1 } }),
      "!client m /a: `maxLength` is 1 now, was 2",
    ],
    [
      { minimum: 2 },
      { minimum: 1, maximum: 3 },
      "!client m: `maximum` is 3 now",
      "client m: `minimum` is 1 now, was 2",
    ],
    [{ maxItems: 2 }, {}, "client m: `maxItems` is gone, was 2"],
    [{ pattern: "a" }, { pattern: "b" }, '!client m: `pattern` is "b" now: less may pass'],
    [
      { items: { type: "string" } },
      { items: { type: "null" } },
      "!client m /*: must be null now, was string",
    ],
    [
      { anyOf: [{ const: 1 }, true] },
      { anyOf: [{ const: 2 }, true] },
      "!client m: may not be 1 any more",
      "client m: may be 2 now",
    ],
    [{ oneOf: [true] }, { oneOf: [true, true] }, "!client m: `oneOf` is another now: less may pass"],
    [{ format: "date" }, {}, "client m: `format` is gone: more may pass"],
  ] as const)
    t.deepEqual(changesOf(before, after), expected, JSON.stringify([before, after]));
});

test("what changed: a message may be called like what every object has", (t) => {
  const described = (...names: string[]): StoredDescription => ({
    path: "/",
    client: { messages: Object.fromEntries(names.map((name) => [name, { schema: kind(name) }])) },
    server: noMessages,
  });
  const textsOf = (before: StoredDescription, after: StoredDescription) =>
    describeChanges(before, after).map(({ text }) => text);
  const names = ["constructor", "toString", "__proto__"];
  const none = described();
  t.deepEqual(
    textsOf(none, described(...names)),
    names.map((name) => `the message ${name} is new`),
  );
  t.deepEqual(
    textsOf(described(...names), none),
    names.map((name) => `the message ${name} is gone`),
  );
  t.deepEqual(textsOf(described(...names), described(...names)), []);
});

test("what changed: definitions once, circles end, and those that nothing says what they mean for are told of", (t) => {
  const node = (value: object) => ({ N: object({ next: { $ref: "#/definitions/N" }, value }) });
  const object = (properties: object) => ({ type: "object", properties });
  const twice = object({ a: { $ref: "#/definitions/N" }, b: { $ref: "#/definitions/N" } });
  t.deepEqual(changesOf(twice, twice, [node({ type: "string" }), node({ type: "null" })]), [
    "!client m /a/value: must be null now, was string",
  ]);
  const hidden = { not: { $ref: "#/definitions/N" } };
  t.deepEqual(changesOf(hidden, hidden, [node({ minimum: 1 }), node({ minimum: 2 })]), [
    "!schema N /value: `minimum` is 2 now, was 1",
  ]);
  const whole = describeChanges(
    stored(true, { handshake: { query: object({ a: true }) }, server: { messages: {}, passesOthers: true } }),
    { path: "/b", client: { messages: { n: { schema: true } } }, server: noMessages },
  );
  t.deepEqual(
    whole.map(({ place, text, isBreaking }) => `${isBreaking ? "!" : ""}${place.trim()}: ${text}`),
    [
      "!path: is /b now, was /",
      "!client: the message m is gone",
      "!server: what is no JSON does not pass any more",
      "query: must be anything now, was object",
      "query: `a` is not described any more",
      "client: the message n is new",
    ],
  );
});

test("a check: by the message that is meant, else by any that fits; a name in two spellings, no JSON, no message are refused", (t) => {
  const say = { schema: kind("say", { text: { type: "string" } }), values: ["say"] };
  const leave = { schema: kind("leave"), values: ["leave"] };
  const { client, server } = checkMessages({
    client: { discriminator: "type", messages: { say, leave } },
    server: { messages: { a: { schema: { const: 1 } }, b: { schema: { $ref: "#/definitions/B" } } } },
    definitions: { B: { const: 2 } },
  });
  const options = { onViolation: "reply" } as const;
  const from = (hook: typeof client, body: string | Uint8Array) => {
    const verdict = hook({ content: { body, type: "", json: () => undefined }, options });
    const [reply] = (verdict as { reply?: [string] } | undefined)?.reply ?? [];
    return reply === undefined ? undefined : JSON.parse(reply);
  };
  const none = "the message is none of the description's";
  t.is(from(client, '{"type":"say","text":"hi"}'), undefined);
  t.is(from(client, new TextEncoder().encode('{"type":"leave"}')), undefined);
  t.is(from(client, '{"type":"say","text":1}').errors[0].path, "/text");
  t.deepEqual(from(client, '{"type":"no"}'), {
    error: none,
    errors: [{ path: "/type", message: 'is none of ["say","leave"]' }],
  });
  t.is(from(client, '{"type":"say","Type":"leave"}').errors[0].message, "is there in another spelling");
  const cased = checkMessages({
    client: { discriminator: "messageType", messages: { say } },
    server: { messages: {} },
  });
  t.is(from(cased.client, '{"MessageType":"say"}').errors[0].message, "is there in another spelling");
  t.is(from(client, '{"__proto__":{"type":"say"}}').errors[0].message, "is missing");
  t.is(from(client, "[]").errors[0].message, "is missing");
  t.is(from(client, "null").error, none);
  t.is(from(client, "no").error, "the message is no JSON");
  t.is(from(client, new Uint8Array([0xff])).error, "the message is no JSON");
  t.deepEqual([from(server, "1"), from(server, "2"), from(server, "3").error], [undefined, undefined, none]);
  const body = '{"type":"say","text":1}';
  t.deepEqual(client({ content: { body, type: "", json: () => undefined }, options: {} })?.close, {
    code: 1008,
    reason: "the message is no say",
    rule: 'the message is no say: /text Instance type "number" is invalid. Expected "string".',
  });
  const strict = { properties: { text: {} }, additionalProperties: false, minProperties: 1 };
  const post = checkMessages({
    client: { messages: { post: { schema: strict } } },
    server: { messages: {} },
  });
  const ruleOf = (text: string) =>
    post.client({ content: { body: text, type: "", json: () => undefined }, options: {} })?.close?.rule;
  t.is(ruleOf('{"txt":1}'), "the message is no post: /txt is not allowed");
  t.regex(String(ruleOf("{}")), /^the message is no post: \w/);
  const open = checkMessages({
    client: { messages: {}, passesOthers: true },
    server: { messages: {}, passesAll: true },
  });
  t.deepEqual(
    [from(open.client, "no"), from(open.client, "1").error, from(open.server, "1")],
    [undefined, none, undefined],
  );
  t.deepEqual(client({ content: { body: "no", type: "", json: () => undefined }, options: {} }), {
    close: { code: 1008, reason: "the message is no JSON", rule: "the message is no JSON" },
  });
});

test("whatever schemas are like, the same ones have not changed, and types and kinds can be told of any", (t) => {
  const keywords = [
    "type",
    "const",
    "enum",
    "required",
    "properties",
    "items",
    "allOf",
    "oneOf",
    "additionalProperties",
    "not",
    "maxLength",
    "minimum",
    "$ref",
    "patternProperties",
  ];
  const { schema } = fc.letrec<{ schema: object; value: unknown }>((tie) => ({
    schema: fc.dictionary(fc.constantFrom(...keywords), tie("value"), { maxKeys: 5, noNullPrototype: true }),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom("object", "string", "#/definitions/D", "#/definitions/E", "#/definitions/no"),
      tie("schema"),
      fc.array(tie("schema"), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 3 }), tie("schema"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(schema, schema, schema, (a, b, d) => {
      const definitions = { D: d, E: { $ref: "#/definitions/D" } };
      const before = stored(a, { definitions });
      t.deepEqual(describeChanges(before, structuredClone(before)), []);
      t.true(Array.isArray(describeChanges(before, stored(b, { definitions: { D: b, E: a } }))));
      findDiscriminator({ a, b }, definitions);
      t.regex(renderTypes(before), /^\/\*\* What clients send/);
    }),
    { numRuns: 200, seed: 1 },
  );
});
