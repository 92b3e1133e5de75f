import test from "ava";
import { startStandard } from "./support.ts";

test("json-schema: each draft, each direction, and what becomes of a message that does not fit", async (t) => {
  const { connect, problemOf } = await startStandard("json-schema");
  const schema = {
    type: "object",
    properties: { type: { const: "order" }, count: { type: "integer", minimum: 1 } },
    required: ["type"],
    additionalProperties: false,
  };
  const closed = connect({ client: schema });
  t.is(await closed.client({ type: "order", count: 2 }), "unchanged");
  t.is(await closed.client(Buffer.from('{"type":"order"}')), "unchanged");
  t.is(await closed.server("anything"), "unchanged");
  for (const wrong of [
    {},
    { type: "order", count: 0 },
    { type: "order", more: 1 },
    "no JSON",
    Buffer.from([0xff]),
  ]) {
    t.like(await closed.client(wrong), { close: { code: 1008 } }, JSON.stringify(wrong));
  }
  t.like(await closed.client({ type: "order", count: 0 }), {
    close: { rule: "#/properties/count/minimum" },
  });
  t.deepEqual(await connect({ client: schema, onViolation: "drop" }).client({}), { drop: true });
  const replied = connect({ server: schema, onViolation: "reply" });
  const { reply } = (await replied.server({ type: "order", count: 0 })) as { reply: string[] };
  const answer = JSON.parse(reply[0]!);
  t.is(answer.error, "the message does not fit its schema");
  t.deepEqual(
    answer.errors.map(({ path }: { path: string }) => path),
    ["/count"],
  );

  const tuple = { prefixItems: [{ type: "string" }], items: false };
  t.is(await connect({ client: tuple }).client(["a"]), "unchanged");
  t.like(await connect({ client: tuple }).client(["a", 1]), { close: { code: 1008 } });
  const beside = { definitions: { n: { type: "number" } }, $ref: "#/definitions/n", minimum: 5 };
  t.is(await connect({ client: beside, draft: "7" }).client("1"), "unchanged", "nothing beside $ref counts");
  t.like(await connect({ client: beside, draft: "2019-09" }).client("1"), { close: { code: 1008 } });
  const dependent = { dependentRequired: { a: ["b"] } };
  t.like(await connect({ client: dependent, draft: "2019-09" }).client({ a: 1 }), { close: { code: 1008 } });
  const old = { definitions: { n: { type: "number" } }, items: [{ $ref: "#/definitions/n" }] };
  t.like(await connect({ client: old, draft: "7" }).client(["x"]), { close: { code: 1008 } });
  t.not(problemOf({}), "none");
  t.not(problemOf({ client: {}, draft: "4" }), "none");
  t.regex(
    String(await connect({ client: { $dynamicRef: "#a" } }).upgrade()),
    /^throw: .*`\$dynamicRef` is not/,
  );
});

test("json-limits: depth, keys, items, lengths, keys that come twice", async (t) => {
  const { connect } = await startStandard("json-limits");
  const limits = { depth: 3, keys: 2, items: 3, keyLength: 5, stringLength: 8 };
  const connection = connect({ ...limits, onViolation: "reply" });
  for (const fine of [
    '{"a":[{"b":1}],"c":"12345678"}',
    '[1,"{[{[{[",3]',
    '"12345678"',
    " [ ] ",
    "null",
    '{"a":{"x":1,"y":2},"b":{"x":1,"y":2}}',
    '["\\"]",[1,2,3]]',
  ]) {
    t.is(await connection.client(fine), "unchanged", fine);
    t.is(await connection.server(Buffer.from(fine)), "unchanged", fine);
  }
  for (const [text, excess] of [
    ["[[[[1]]]]", "nested more than 3 levels deep"],
    ["[".repeat(100_000), "nested more than 3 levels deep"],
    ['{"a":1,"b":2,"c":3}', "more than 2 keys in an object"],
    ["[1,2,3,4]", "more than 3 items in an array"],
    ['{"123456":1}', "a key of more than 5 characters"],
    ['{"a":"123456789"}', "a string of more than 8 characters"],
    ['{"a":1,"a":2}', "a key that comes twice in an object"],
    ['{"a":1,"\\u0061":2}', "a key of more than 5 characters"],
    ["{a:1}", "no JSON"],
    ["[1,]", "no JSON"],
    ["", "no JSON"],
  ] as const) {
    t.deepEqual(
      await connection.client(text),
      { drop: true, reply: [JSON.stringify({ error: `the message is refused: ${excess}` })] },
      text.slice(0, 40),
    );
  }
  t.like(await connect({}).client('{"a":1,"\\u0061":2}'), { close: { code: 1008 } });
  t.is(await connect({ duplicateKeys: true }).client('{"a":1,"a":2}'), "unchanged");
  t.like(await connect({}).client(Buffer.from([0xff])), { close: { code: 1008 } });
});

test("redact: paths, keys, cards, addresses and patterns, in JSON and in other texts", async (t) => {
  const { connect, problemOf } = await startStandard("redact");
  const options = {
    paths: ["$.user.phone", "$.list[*].secret"],
    keys: ["Password"],
    find: ["card", "email"],
    patterns: ["\\bsk_live_\\w+"],
  };
  const redact = async (text: string, more: object = {}) => {
    const shown = await connect({ ...options, ...more }).client(text);
    return shown === "unchanged" ? text : (shown as { body: unknown }).body;
  };
  for (const [text, redacted] of [
    ['{"user":{"phone":"1","name":"ada"}}', '{"user":{"phone":"***","name":"ada"}}'],
    ['{"list":[{"secret":1},{"secret":{"a":2}},{}]}', '{"list":[{"secret":"***"},{"secret":"***"},{}]}'],
    ['{"a":{"PASSWORD":["x"]}}', '{"a":{"PASSWORD":"***"}}'],
    ['{"n":4111111111111111,"m":4111111111111112}', '{"n":"***","m":4111111111111112}'],
    ['"4111-1111-1111-1111 12/27 123"', '"*** 12/27 123"'],
    ['"12 4111 1111 1111 1111 123"', '"12 *** 123"'],
    ['"at 1732310000000, order 1234567890123456"', '"at 1732310000000, order 1234567890123456"'],
    ['"378282246310005"', '"***"'],
    ['{"a@b.example":["to: Ada <ada.l+x@mail.b.example>"]}', '{"***":["to: Ada <***>"]}'],
    ['"key sk_live_abc."', '"key ***."'],
    ['"\\u0073k_live_abc"', '"***"'],
    ["mail ada@b.example or pay 4111 1111 1111 1111", "mail *** or pay ***"],
    ['{"big":12345678901234567890,"e":1.10}', '{"big":12345678901234567890,"e":1.10}'],
    ['{"password":"a","password":"b"}', '{"password":"***"}'],
    ['{"x":"sk_live_abc","x":"b"}', '{"x":"b"}'],
    ['{"__proto__":{"password":1}}', '{"__proto__":{"password":"***"}}'],
  ] as const) {
    t.is(await redact(text), redacted);
  }
  t.is(await redact('{"user":{"phone":1}}', { mask: "" }), '{"user":{"phone":""}}');
  const top = { paths: ["$.token", "$['__proto__']"], keys: [], find: [], patterns: [] };
  for (const [text, redacted] of [
    ['{ "token":1, "n":1.10, "token":2, "__proto__":3 }', '{ "token":"***", "n":1.10, "__proto__":"***" }'],
    ['{ "a":{"token":1} }', '{ "a":{"token":1} }'],
    ['["token"]', '["token"]'],
    ["no JSON", "no JSON"],
  ] as const)
    t.is(await redact(text, top), redacted);
  t.is(await redact('{"big":12345678901234567890}', { paths: ["$..*"] }), '{"big":"***"}');
  t.is(await redact("5", { paths: ["$"] }), '"***"');

  const binary = await connect(options).server(Buffer.from('{"password":1}'));
  t.is(Buffer.from((binary as { body: number[] }).body).toString(), '{"password":"***"}');
  t.like(await connect(options).client(Buffer.from([0xff])), { close: { code: 1003 } });
  t.is(await connect({ ...options, unreadable: "pass" }).client(Buffer.from([0xff])), "unchanged");
  t.regex(problemOf({ paths: ["$.["] }), /^option `paths\[0\]`: "\$\.\[" is no JSONPath/);
  t.regex(problemOf({ patterns: ["a", "("] }), /^option `patterns\[1\]`: "\(" is no pattern/);
});

test("redact and block-patterns take a time that grows with the message only", async (t) => {
  const redact = await startStandard("redact");
  const block = await startStandard("block-patterns");
  const attacks = ["a".repeat(100_000), "a@".repeat(50_000), "4 ".repeat(50_000), `"${'\\"'.repeat(50_000)}`];
  for (const text of attacks) {
    const redacted = redact.connect({ find: ["card", "email"], patterns: ["(a+)+$z"] });
    t.is(await redacted.client(text), "unchanged", text.slice(0, 10));
    const blocked = block.connect({ patterns: { slow: "(a|aa)+$z" } });
    t.is(await blocked.client(text), "unchanged", text.slice(0, 10));
  }
});

test("block-patterns: what has a pattern does not pass, however it is escaped", async (t) => {
  const { connect, problemOf } = await startStandard("block-patterns");
  const options = { patterns: { sql: "(?i)union\\s+select", tag: "<script" } };
  const connection = connect(options);
  t.is(await connection.client({ text: "a selected union" }), "unchanged");
  for (const text of [
    '{"q":"1 UNION  select 2"}',
    '{"\\u003cscript":1}',
    '["a","\\u003Cscript"]',
    "<script>",
  ]) {
    t.like(await connection.client(text), { close: { code: 1008 } }, text);
    t.regex(JSON.stringify(await connection.client(text)), /"rule":"patterns\.(sql|tag)"/);
    t.like(await connection.server(Buffer.from(text)), { close: { code: 1008 } }, text);
  }
  t.deepEqual(await connect({ ...options, onViolation: "reply" }).client("<script>"), {
    drop: true,
    reply: ['{"error":"the message has the pattern \\"tag\\""}'],
  });
  t.like(await connection.client(Buffer.from([0xff])), { close: { code: 1008 } });
  t.is(await connect({ ...options, unreadable: "pass" }).client(Buffer.from([0xff])), "unchanged");
  t.regex(problemOf({ patterns: { a: "(?=x)" } }), /^option `patterns\.a`: .*is no pattern/);
});

test("json-transform: set, remove and rename, by path", async (t) => {
  const { connect, problemOf } = await startStandard("json-transform");
  const transform = async (operations: object[], text: string, attributes = {}) => {
    const shown = await connect({ client: operations }, { attributes }).client(text);
    return shown === "unchanged" ? text : (shown as { body: unknown }).body;
  };
  for (const [operations, text, transformed] of [
    [[{ set: "$.a", value: { b: 1 } }], '{"c":2}', '{"c":2,"a":{"b":1}}'],
    [
      [{ set: "$.list[*].seen", value: true }],
      '{"list":[{},1,{"seen":false}]}',
      '{"list":[{"seen":true},1,{"seen":true}]}',
    ],
    [[{ set: "$['a b']", value: 1 }], "{}", '{"a b":1}'],
    [[{ set: "$.a", value: 1 }], "[1]", "[1]"],
    [[{ set: "$.user", from: "attributes.user" }], '{"user":"root"}', '{"user":"ada"}'],
    [[{ set: "$.role", from: "attributes.role" }], '{"role":"root"}', "{}"],
    [[{ remove: "$..secret" }], '{"secret":1,"a":[{"secret":{"secret":2}}]}', '{"a":[{}]}'],
    [[{ remove: "$.list[?@.x == 1]" }], '{"list":[{"x":1},{"x":2},{"x":1}]}', '{"list":[{"x":2}]}'],
    [[{ rename: "$.a", to: "b" }], '{"a":1,"c":2}', '{"c":2,"b":1}'],
    [[{ rename: "$.a", to: "__proto__" }], '{"a":1}', '{"__proto__":1}'],
    [[{ remove: "$.a" }], '{"id":12345678901234567890,"a":1}', '{"id":12345678901234567890}'],
    [[{ set: "$.a", value: 1 }, { rename: "$.a", to: "b" }, { remove: "$.b" }], "{}", "{}"],
    [
      [{ set: "$.a", value: 1 }, { remove: "$['b']" }],
      '{ "a":0, "b":2, "n":1e2, "a":3 }',
      '{ "a":1, "n":1e2 }',
    ],
    [
      [{ set: "$.a", value: 1 }, { remove: "$.a" }, { remove: "$.b" }, { set: "$.b", value: 2 }],
      '{"a":0}',
      '{"b":2}',
    ],
    [[{ set: "$['__proto__']", value: 1 }], "{}", '{"__proto__":1}'],
    [[{ remove: "$.a" }], '"text"', '"text"'],
  ] as const) {
    t.is(await transform([...operations], text, { user: "ada" }), transformed, JSON.stringify(operations));
  }
  const connection = connect({ client: [{ remove: "$.a" }] });
  t.is(await connection.server("no JSON"), "unchanged", "no operations for the server's");
  t.deepEqual(await connection.client("no JSON"), { close: { code: 1007, reason: "JSON is expected" } });
  t.is(await connect({ client: [{ remove: "$.a" }], unreadable: "pass" }).client("no JSON"), "unchanged");
  t.regex(problemOf({ client: [{ set: "$..a", value: 1 }] }), /client\[0\]\.set`: expected a match/);
  t.not(problemOf({ client: [{ set: "$.a" }] }), "none");
  t.not(problemOf({ client: [{ rename: "$.a", to: "b", value: 1 }] }), "none");
});

test("rate-limit: a bucket for each connection", async (t) => {
  const { connect, problemOf } = await startStandard("rate-limit");
  const connection = connect({ rate: 3, per: "hour" });
  t.deepEqual(await Promise.all([1, 2, 3, 4].map((n) => connection.client({ n }))), [
    "unchanged",
    "unchanged",
    "unchanged",
    { close: { code: 1008, reason: "too many messages", rule: "rate" } },
  ]);
  const dropping = connect({ rate: 1, per: "hour", burst: 2, onViolation: "drop" });
  t.deepEqual(await Promise.all([1, 2, 3].map((n) => dropping.client({ n }))), [
    "unchanged",
    "unchanged",
    { drop: true },
  ]);
  t.not(problemOf({ rate: 0 }), "none");
  t.not(problemOf({ rate: 5, per: "day" }), "none");
});

test("audit: a line of JSON for each event, with the fields that were chosen", async (t) => {
  const { connect, fixture } = await startStandard("audit");
  const connection = connect(
    { connection: { user: "attributes.user" }, fields: { type: "$.type", to: "$.to.id", all: "$" } },
    { attributes: { user: "ada" }, url: "/chat?x=1" },
  );
  await connection.upgrade();
  await connection.client({ type: "order", to: { id: 7 }, secret: "s" });
  await connection.server("no JSON");
  await fixture.event("log", ({ line }) => line.policy === "audit" && line.text.includes('"server"'));
  const logged = fixture.events.flatMap((event) => (event.type === "log" ? [event.line] : []));
  const lines = logged.filter(({ policy }) => policy === "audit");
  t.deepEqual(
    lines.map(({ level, text }) => [level, JSON.parse(text)]),
    [
      ["info", { event: "upgrade", user: "ada", path: "/chat" }],
      ["info", { event: "client", user: "ada", sequence: 1, bytes: 43, type: "order", to: 7 }],
      ["info", { event: "server", user: "ada", sequence: 2, bytes: 7 }],
    ],
  );
});
