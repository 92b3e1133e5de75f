import type { ExecutionContext } from "ava";
import { shareSandbox } from "../shared-sandbox.ts";
import { faultOf, show, withoutPlace } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox();
let policies = 0;

/** The policy evaluates the message: each case is one line here. */
const runner = `
const cases = { CASES };
export const client = ({ content }) => cases[content.body]();
export const upgrade = ({ attributes }) => cases[attributes.case]();
export const unavailable = upgrade;`;

async function runCases(
  t: ExecutionContext,
  hook: "client" | "upgrade" | "unavailable",
  cases: readonly (readonly [verdict: string, seen: unknown])[],
  contentType = "application/json",
): Promise<void> {
  const fixture = await useSandbox();
  const policy = `verdicts-${++policies}`;
  const list = cases.map(([verdict], i) => `${i}: () => (${verdict})`).join(",\n");
  await fixture.use(policy, runner.replace("CASES", list));
  const { call } = fixture.seat(policy, { contentType });
  for (const [i, [verdict, seen]] of cases.entries()) {
    const payload = hook === "client" ? String(i) : JSON.stringify({ request: {}, attributes: { case: i } });
    const outcome = await call(hook, payload);
    if (typeof seen === "string" && seen !== "unchanged") {
      const fault = faultOf(outcome);
      t.is(fault.reason, "verdict", verdict);
      t.is(withoutPlace(fault.message), `\`${hook}\`: expected ${seen}`, verdict);
    } else t.deepEqual(show(outcome), seen, verdict);
  }
}

test("message verdicts that are right", (t) =>
  runCases(t, "client", [
    ["undefined", "unchanged"],
    ["null", "unchanged"],
    ["{}", "unchanged"],
    ["{ drop: false }", "unchanged"],
    ["{ content: undefined, reply: undefined }", "unchanged"],
    ['{ content: { body: "text" } }', { body: "text" }],
    ['{ content: { body: "" } }', { body: "" }],
    ["{ content: { body: { a: [1, null] } } }", { body: '{"a":[1,null]}' }],
    ["{ content: { body: null } }", { body: "null" }],
    ["{ content: { body: Uint8Array.of(1, 2) } }", { body: [1, 2] }],
    ["{ content: { body: Uint8Array.of(1, 2, 3).subarray(1) } }", { body: [2, 3] }],
    ["{ content: { body: Uint8Array.of(7).buffer } }", { body: [7] }],
    ["{ content: { body: new Uint8Array(0) } }", { body: [] }],
    ["{ drop: true }", { drop: true }],
    [
      '{ drop: true, reply: ["no", Uint8Array.of(9), { why: 1 }] }',
      { drop: true, reply: ["no", [9], '{"why":1}'] },
    ],
    ["{ append: [Uint8Array.of(1), Uint8Array.of(2, 3)] }", { append: [[1], [2, 3]] }],
    [
      '{ content: { body: Uint8Array.of(1) }, reply: ["é"], append: [Uint8Array.of(2)] }',
      { body: [1], reply: ["é"], append: [[2]] },
    ],
    ["{ close: { code: 1008 } }", { close: { code: 1008, reason: "" } }],
    [
      '{ close: { code: 4000, rule: "max-orders" } }',
      { close: { code: 4000, reason: "", rule: "max-orders" } },
    ],
    ['{ close: { code: 4999, reason: "é" } }', { close: { code: 4999, reason: "é" } }],
    ["{ held: [7, 0] }", { held: [7, 0] }],
    ["{ drop: true, held: [7] }", { drop: true, held: [7] }],
    ["Object.assign(Object.create(null), { drop: true })", { drop: true }],
  ]));

test("message verdicts that are wrong name the key, what was expected and what was got", (t) =>
  runCases(t, "client", [
    [
      "true",
      "the verdict to be an object with content, drop, reply, append, close, tick, held or renew, got true",
    ],
    [
      "[1]",
      "the verdict to be an object with content, drop, reply, append, close, tick, held or renew, got an array of 1",
    ],
    [
      '"text"',
      'the verdict to be an object with content, drop, reply, append, close, tick, held or renew, got "text"',
    ],
    [
      "new Map()",
      "the verdict to be a plain object with content, drop, reply, append, close, tick, held or renew, got a Map",
    ],
    [
      "{ contnet: {} }",
      "the verdict to have only content, drop, reply, append, close, tick, held or renew, got the key `contnet`; did you mean `content`?",
    ],
    [
      "{ body: 1 }",
      "the verdict to have only content, drop, reply, append, close, tick, held or renew, got the key `body`",
    ],
    ['{ content: "x" }', '`content` to be an object with body, set or remove, got "x"'],
    ["{ content: {} }", "`content.body` to be a string, bytes or a value that JSON can hold, got undefined"],
    [
      "{ content: { body: () => 1 } }",
      "`content.body` to be a string, bytes or a value that JSON can hold, got a function",
    ],
    [
      "{ content: { body: { n: 1n } } }",
      "`content.body` to be a string, bytes or a value that JSON can hold, but JSON.stringify failed: " +
        "TypeError: Do not know how to serialize a BigInt",
    ],
    ["{ drop: 1 }", "`drop` to be true or false, got 1"],
    ['{ reply: "x" }', '`reply` to be an array of bodies, got "x"'],
    [
      "{ reply: [1, undefined] }",
      "`reply[1]` to be a string, bytes or a value that JSON can hold, got undefined",
    ],
    ["{ append: new Array(300).fill(1) }", "`append` to be at most 256 bodies, got an array of 300"],
    ["{ held: 5 }", "`held` to be a list of at most 1024 times in milliseconds, got 5"],
    ["{ held: [1, NaN] }", "`held[1]` to be milliseconds from 0, got NaN"],
    ["{ close: 1000 }", "`close` to be an object with code, reason or rule, got 1000"],
    ["{ close: {} }", "`close.code` to be 1000–1003, 1007–1014 or 3000–4999, got undefined"],
    ...[999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5].map(
      (code) =>
        [
          `{ close: { code: ${code} } }`,
          `\`close.code\` to be 1000–1003, 1007–1014 or 3000–4999, got ${code}`,
        ] as const,
    ),
    ["{ close: { code: 1000, rule: 5 } }", "`close.rule` to be a name of 1 to 100 characters, got 5"],
    ['{ close: { code: 1000, rule: "" } }', '`close.rule` to be a name of 1 to 100 characters, got ""'],
    ["{ close: { code: 1000, reason: 5 } }", "`close.reason` to be a string, got 5"],
    [
      '{ close: { code: 1000, reason: "é".repeat(62) } }',
      "`close.reason` to be at most 123 bytes of UTF-8, got 124",
    ],
  ]));

/** Of a message that is JSON. */
const jsonRunner = `
const cases = { CASES };
export const client = ({ content }) => cases[content.json().case]();`;

async function editCases(
  t: ExecutionContext,
  cases: readonly (readonly [verdict: string, seen: unknown])[],
): Promise<void> {
  const fixture = await useSandbox();
  const policy = `edits-${++policies}`;
  const list = cases.map(([verdict], i) => `${i}: () => (${verdict})`).join(",\n");
  await fixture.use(policy, jsonRunner.replace("CASES", list));
  const { client } = fixture.seat(policy, { contentType: "text/plain" });
  for (const [i, [verdict, seen]] of cases.entries()) {
    const outcome = await client(`{"case": ${i}, "a" : 1}`);
    if (typeof seen === "string" && seen !== "unchanged")
      t.is(show(outcome), `verdict: \`client\`: expected ${seen}`, verdict);
    else t.deepEqual(show(outcome), seen, verdict);
  }
}

test("edits that are right, whatever the type of the message", (t) =>
  editCases(t, [
    ["{ content: { set: { a: 2 } } }", { body: '{"case": 0, "a" : 2}' }],
    ['{ content: { set: { b: "é", c: [null] } } }', { body: '{"case": 1, "a" : 1,"b":"é","c":[null]}' }],
    ['{ content: { remove: ["case", "a", "a"] } }', { body: "{}" }],
    ['{ content: { set: { b: 1 }, remove: ["a"] } }', { body: '{"case": 3,"b":1}' }],
    ["{ content: { set: { a: undefined } } }", { body: '{"case": 4}' }],
    ["{ content: { body: undefined, set: { a: 3 }, remove: undefined } }", { body: '{"case": 5, "a" : 3}' }],
    ['{ content: { set: { ["__proto__"]: 1 } } }', { body: '{"case": 6, "a" : 1,"__proto__":1}' }],
    [
      "{ content: { set: { toJSON: 1, a: new Date(0) } } }",
      { body: '{"case": 7, "a" : "1970-01-01T00:00:00.000Z","toJSON":1}' },
    ],
    ['{ content: { set: { "": 0, "\\"": 1 } } }', { body: '{"case": 8, "a" : 1,"":0,"\\"":1}' }],
    ["{ content: { set: { a: { b: undefined, c: () => 1 } } } }", { body: '{"case": 9, "a" : {}}' }],
    ["{ content: { set: {} } }", "unchanged"],
    ['{ content: { set: {}, remove: ["none"] } }', "unchanged"],
    ['{ content: { remove: ["none"] }, reply: ["x"] }', { reply: ["x"] }],
    ["{ content: { set: { a: 2 } }, drop: true }", { drop: true }],
    [
      '{ content: { set: { a: 2 } }, reply: [Uint8Array.of(1)], append: ["y"] }',
      { body: '{"case": 14, "a" : 2}', reply: [[1]], append: ["y"] },
    ],
    [
      "{ content: { set: {} }, close: { code: 1000 } }",
      { body: '{"case": 15, "a" : 1}', close: { code: 1000, reason: "" } },
    ],
  ]));

test("edits that are wrong say what was expected", (t) => {
  const value = "a value that JSON can hold, or undefined";
  const both = "`content.set` and `content.remove`";
  return editCases(t, [
    ["{ content: {} }", "`content.body` to be a string or bytes for type text/plain, got undefined"],
    [
      '{ content: { body: "x", set: { a: 1 } } }',
      "`content` to have either `body`, or `set` and `remove`, which change what came, got both",
    ],
    ["{ content: { set: [1] } }", "`content.set` to be an object with members to set, got an array of 1"],
    ["{ content: { set: new Map() } }", "`content.set` to be a plain object with members to set, got a Map"],
    ["{ content: { set: { a: () => 1 } } }", `\`content.set.a\` to be ${value}, got a function`],
    ["{ content: { set: { a: Symbol() } } }", `\`content.set.a\` to be ${value}, got a symbol`],
    [
      "{ content: { set: { a: { b: 1n } } } }",
      `\`content.set.a\` to be ${value}, but JSON.stringify failed: TypeError: Do not know how to serialize a BigInt`,
    ],
    ['{ content: { remove: "a" } }', '`content.remove` to be an array of names, got "a"'],
    ['{ content: { remove: ["a", 1] } }', "`content.remove[1]` to be a name, got 1"],
    ['{ content: { set: { a: 1 }, remove: ["a"] } }', `${both} to name different members, got "a" in both`],
    [
      '{ content: { set: { a: undefined }, remove: ["a"] } }',
      `${both} to name different members, got "a" in both`,
    ],
    [
      '{ content: { set: { a: "x".repeat(2 ** 20) } } }',
      `${both} to be at most 1048576 bytes (\`maxMessageSize\`), got 1048585`,
    ],
    [
      '{ content: { set: { b: "x".repeat(2 ** 20 - 20) } } }',
      "the message to be at most 1048576 bytes (`maxMessageSize`) with what `content.set` makes of it, got 1048584",
    ],
  ]);
});

test("only a text message that is a JSON object can be edited", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "edit",
    "export const client = ({ content }) => ({ content: { set: { a: 1 } }, reply: content.body === '5' ? [1] : undefined });",
  );
  const { client, call } = fixture.seat("edit");
  for (const text of ["hello", "[1]", "5", "null", "", '{"a":1', '{"a":1,}', '\ufeff{"a":1}'])
    t.is(
      show(await client(text)),
      "verdict: `client`: expected the message to be a JSON object, whose members `content.set` and `content.remove` change; it is none",
      text,
    );
  t.is(
    show(await call("client", Buffer.from('{"a":0}'))),
    "verdict: `client`: expected `content.set` and `content.remove` to be for a text message, got a binary one",
  );
  t.deepEqual(show(await client(' {"a":0}')), { body: ' {"a":1}' });
});

test("a value is a body only where the type is JSON", async (t) => {
  await runCases(
    t,
    "client",
    [
      [
        "{ content: { body: { a: 1 } } }",
        "`content.body` to be a string or bytes for type text/plain, got an object",
      ],
    ],
    "text/plain",
  );
  await runCases(
    t,
    "client",
    [["{ content: { body: { a: 1 } } }", { body: '{"a":1}' }]],
    "application/ld+json; v=1",
  );
});

test("a value keeps the opcode of its message", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "opcode",
    "export const client = ({ content }) => ({ content: { body: content.json() } });",
  );
  const outcome = await fixture.seat("opcode").call("client", Buffer.from('{"é":1}'));
  t.deepEqual(show(outcome), { body: [...Buffer.from('{"é":1}')] });
});

test("upgrade verdicts that are right", (t) =>
  runCases(t, "upgrade", [
    ["undefined", "unchanged"],
    ["{}", {}],
    ['{ connect: "HTTPS://Example.com/a b" }', { connect: "https://example.com/a%20b" }],
    ['{ connect: "orders" }', { connect: "orders" }],
    [
      '{ reject: { status: 401, headers: { "WWW-Authenticate": "Basic" }, body: "no" } }',
      {
        reject: {
          status: 401,
          headers: { "www-authenticate": ["Basic"] },
          body: "no",
          contentType: "text/plain; charset=utf-8",
        },
      },
    ],
    [
      "{ reject: { status: 429, body: { wait: 5 } } }",
      { reject: { status: 429, headers: {}, body: '{"wait":5}', contentType: "application/json" } },
    ],
    ['{ attributes: { user: "ada", roles: ["a"] } }', { attributes: { user: "ada", roles: ["a"] } }],
    [
      '{ headers: { "X-User": "ada", Cookie: null, "X-List": ["a", "b"] } }',
      { headers: { "x-user": ["ada"], cookie: null, "x-list": ["a", "b"] } },
    ],
    ['{ responseHeaders: { "Set-Cookie": ["a=1"] } }', { responseHeaders: { "set-cookie": ["a=1"] } }],
    [
      '{ subprotocol: "graphql-ws", contentType: "text/plain; charset=utf-8" }',
      { subprotocol: "graphql-ws", contentType: "text/plain; charset=utf-8" },
    ],
    ["{ expires: 1700000000 }", { expires: 1_700_000_000_000 }],
    ["{ expires: 1700000000000 }", { expires: 1_700_000_000_000 }],
  ]));

test("upgrade verdicts that are wrong name the key, what was expected and what was got", (t) => {
  const keys =
    "connect, reject, attributes, headers, responseHeaders, subprotocol, contentType, expires, renewAt or tick";
  return runCases(t, "upgrade", [
    ["false", `the verdict to be an object with ${keys}, got false`],
    ["{ drop: true }", `the verdict to have only ${keys}, got the key \`drop\``],
    [
      '{ connect: "ftp://a/" }',
      '`connect` to be an http, https, ws or wss URL, or the name of an upstream, got "ftp://a/"',
    ],
    [
      '{ connect: "non/sense" }',
      '`connect` to be an http, https, ws or wss URL, or the name of an upstream, got "non/sense"',
    ],
    [
      '{ connect: "unix:/run/docker.sock" }',
      '`connect` to be an http, https, ws or wss URL, or the name of an upstream, got "unix:/run/docker.sock"',
    ],
    ["{ reject: {} }", "`reject.status` to be a whole number from 300 to 599, got undefined"],
    ["{ reject: { status: 200 } }", "`reject.status` to be a whole number from 300 to 599, got 200"],
    ["{ attributes: [] }", "`attributes` to be an object, got an array of 0"],
    [
      "{ attributes: { at: new Date(0) } }",
      "`attributes.at` to be plain data (what JSON can hold), got a Date",
    ],
    ['{ headers: { "bad name": "x" } }', 'a header name in `headers`, got "bad name"'],
    [
      '{ headers: { a: "x\\r\\ny" } }',
      "`headers.a` to be without line breaks and control characters, got one among 4 characters",
    ],
    ["{ headers: { a: [1] } }", "`headers.a[0]` to be a string, a list of strings or null, got 1"],
    ['{ subprotocol: "a b" }', '`subprotocol` to be a token such as `graphql-transport-ws`, got "a b"'],
    ['{ contentType: "json" }', '`contentType` to be a MIME type such as `application/json`, got "json"'],
    ['{ expires: "soon" }', '`expires` to be a time in milliseconds (or seconds) since 1970, got "soon"'],
  ]);
});

test("unavailable verdicts that are right", (t) => {
  const usual = {
    ...{ forMs: 30_000, messages: 64, bytes: 65_536 },
    close: { code: 1013, reason: "server unavailable" },
  };
  return runCases(t, "unavailable", [
    ["undefined", "unchanged"],
    ["{}", "unchanged"],
    ['{ connect: "spare" }', { connect: "spare" }],
    [
      "{ reject: { status: 503 } }",
      { reject: { status: 503, headers: {}, body: "", contentType: "text/plain; charset=utf-8" } },
    ],
    ["{ hold: true }", { hold: usual }],
    [
      '{ connect: "spare", hold: { for: 5, messages: 1024, bytes: 1048576, subprotocol: "a", close: { code: 4000 } } }',
      {
        connect: "spare",
        hold: {
          forMs: 5,
          messages: 1024,
          bytes: 1_048_576,
          subprotocol: "a",
          close: { code: 4000, reason: "" },
        },
      },
    ],
  ]);
});

test("unavailable verdicts that are wrong", (t) =>
  runCases(t, "unavailable", [
    ["1", "the verdict to be an object with reject, connect or hold, got 1"],
    ["{ headers: {} }", "the verdict to have only reject, connect or hold, got the key `headers`"],
    ["{ reject: { status: 503 }, hold: true }", "`reject` to stand alone, got `connect` or `hold` beside it"],
    ["{ hold: 5 }", "`hold` to be an object with for, messages, bytes, subprotocol or close, got 5"],
    ["{ hold: { for: 300001 } }", "`hold.for` to be milliseconds from 1 to 300000, got 300001"],
    ["{ hold: { messages: 1.5 } }", "`hold.messages` to be a whole number from 1 to 1024, got 1.5"],
    ["{ hold: { bytes: 0 } }", "`hold.bytes` to be a whole number from 1 to 1048576, got 0"],
    [
      '{ hold: { subprotocol: "a b" } }',
      '`hold.subprotocol` to be a token such as `graphql-transport-ws`, got "a b"',
    ],
    ["{ hold: { close: { code: 1006 } } }", "`close.code` to be 1000–1003, 1007–1014 or 3000–4999, got 1006"],
  ]));
