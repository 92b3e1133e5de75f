import test from "ava";
import { parseJsonPath } from "../../core/redaction/json-path.ts";
import { compileRedaction, type RedactionConfig } from "../../core/redaction/rules.ts";

const none: RedactionConfig = { defaults: false, headers: [], query: [], json: [], patterns: [] };
const usual = compileRedaction({ ...none, defaults: true });
const own = compileRedaction({
  defaults: true,
  headers: ["X-Mine"],
  query: ["mine"],
  json: ["$.card.number", "$..ssn", "$.items[*].pin", "$.list[1]", "$['odd name'].x"],
  patterns: [{ pattern: "\\d{4}-\\d{4}", flags: "" }],
});

const texts: readonly (readonly [what: string, text: string, shown: string])[] = [
  [
    "a secret key at any depth",
    '{"a":[{"password":"a b"}],"x":1}',
    '{"a":[{"password":"[redacted]"}],"x":1}',
  ],
  ["any way to write a name", '{"apiKey":"k","api_key":2}', '{"apiKey":"[redacted]","api_key":"[redacted]"}'],
  [
    "names that end like a secret",
    '{"guardian_token":"k","newPassword":2}',
    '{"guardian_token":"[redacted]","newPassword":"[redacted]"}',
  ],
  ["a whole object", '{"secret":{"a":["}"]},"k":true}', '{"secret":"[redacted]","k":true}'],
  ["a key that is written with escapes", '{"pass\\u0077ord":"x"}', '{"pass\\u0077ord":"[redacted]"}'],
  ["a value with escaped quotes", '{"token":"a\\"b","c":1}', '{"token":"[redacted]","c":1}'],
  [
    "JSON in a string of JSON",
    '{"b":"{\\"password\\":\\"x y\\"}"}',
    '{"b":"{\\"password\\":\\"[redacted]\\"}"}',
  ],
  ["JSON that is cut in a value", '{"a":1,"password":"hunt', '{"a":1,"password":"[redacted]'],
  ["JSON that is cut in an object", '{"a":1,"secret":{"b":"c', '{"a":1,"secret":"[redacted]"'],
  ["JSON behind a prefix", '42["login",{"token":"abc"}]', '42["login",{"token":"[redacted]"}]'],
  ["several JSON texts", '{"a":1}\n{"token":"abc"}', '{"a":1}\n{"token":"[redacted]"}'],
  ["what is almost JSON", '{ it"s "password":"x y", b', '{ it"s "password":"[redacted]", b'],
  ["a string that JSON does not allow", '{"password": "x\ny"}', '{"password": "[redacted]"}'],
  ["escaped JSON in a text", 'got {\\"token\\":\\"a b\\"}', 'got {\\"token\\":\\"[redacted]\\"}'],
  ["a form", "password=foo&x=1", "password=[redacted]&x=1"],
  ["header lines", "Authorization: Some a b\r\nAge: 1", "Authorization: [redacted]\r\nAge: 1"],
  ["credentials anywhere", '{"a":"Bearer abcdefg123"}', '{"a":"Bearer [redacted]"}'],
  ["a URL in a text", "see http://u:p@h/?token=1&b=2", "see http://[redacted]@h/?token=[redacted]&b=2"],
  ["a JSON Web Token, cut", "x eyJhbGciOi.eyJzdWIi y", "x [redacted] y"],
  ["a path", '{"card":{"number":1,"b":{"number":2}}}', '{"card":{"number":"[redacted]","b":{"number":2}}}'],
  ["a path to any depth", '{"a":[{"ssn":["x"]}]}', '{"a":[{"ssn":"[redacted]"}]}'],
  [
    "a path to each element",
    '{"items":[{"pin":1},{"pin":"2"}]}',
    '{"items":[{"pin":"[redacted]"},{"pin":"[redacted]"}]}',
  ],
  ["a path to one element", '{"list":["a","b","c"]}', '{"list":["a","[redacted]","c"]}'],
  ["a path with a quoted name", '{"odd name":{"x":"y"}}', '{"odd name":{"x":"[redacted]"}}'],
  ["a path, in JSON that is cut", '{"card":{"number":12', '{"card":{"number":"[redacted]"'],
  ["a path, in no JSON: by the last key", 'oops "x" "number" : 6, ', 'oops "x" "number" : "[redacted]", '],
  ["a pattern", "card 1234-5678.", "card [redacted]."],
];

for (const [what, text, shown] of texts) {
  test(`hidden in a text: ${what}`, (t) => t.is(own.redactText(text), shown));
}

for (const text of [
  "",
  "null",
  '"token"',
  '{"text":"my password is not here","tokens":3,"authorization":null}',
  '{"a": 1.0,  "b":1e400,"c":12345678901234567890}',
  "tokens = 5; author: me",
  "\u0000\u001b[2J<script>alert(1)</script>\ud800",
]) {
  test(`left as it is: ${JSON.stringify(text)}`, (t) => t.is(usual.redactText(text), text));
}

test("without rules nothing is hidden", (t) => {
  const rules = compileRedaction(none);
  const text = '{"password":"x","a":"Bearer abcdefg123"}';
  t.is(rules.redactText(text), text);
  t.is(rules.redactUrl("http://u:p@h/?token=1"), "http://u:p@h/?token=1");
  t.deepEqual(rules.redactHeaders([["Cookie", "a"]]), [["Cookie", "a"]]);
  t.false(rules.hasPayloadRules);
});

test("URLs: parameters by name, however it is written, and the user", (t) => {
  t.is(usual.redactUrl("/a?tok%65n=x&y=1&Api-Key=z"), "/a?tok%65n=[redacted]&y=1&Api-Key=[redacted]");
  t.is(usual.redactUrl("/a?token={1}&b=%zz&%zz=1"), "/a?token=[redacted]&b=%zz&%zz=1");
  t.is(own.redactUrl("ws://u:p@h/?mine=1&b=2"), "ws://[redacted]@h/?mine=[redacted]&b=2");
  t.is(usual.redactUrl("/?mine=1"), "/?mine=1");
});

test("headers by name; others by what is in them", (t) => {
  const shown = own.redactHeaders([
    ["COOKIE", "a=b"],
    ["x-mine", "1"],
    ["Referer", "http://a/?token=1"],
    ["Host", "a"],
  ]);
  t.deepEqual(shown, [
    ["COOKIE", "[redacted]"],
    ["x-mine", "[redacted]"],
    ["Referer", "http://a/?token=[redacted]"],
    ["Host", "a"],
  ]);
});

test("of the subprotocols that are offered only the name that was agreed on is shown", (t) => {
  const shown = (value: string, agreed: string) =>
    usual.redactHeader("Sec-WebSocket-Protocol", value, agreed);
  t.is(shown("graphql-ws, secret-token", "graphql-ws"), "graphql-ws, [redacted]");
  t.is(shown("graphql-ws", ""), "[redacted]");
  t.is(shown("x".repeat(50), "x".repeat(50)), "[redacted]");
});

test("attributes stay values", (t) => {
  const attributes = { user: { password: "x", name: "a" }, list: [1, 2], card: { number: 4 } };
  t.deepEqual(own.redactAttributes(attributes), {
    user: { password: "[redacted]", name: "a" },
    list: [1, "[redacted]"],
    card: { number: "[redacted]" },
  });
  const greedy = compileRedaction({ ...none, patterns: [{ pattern: '"a".*', flags: "s" }] });
  t.deepEqual(greedy.redactAttributes({ a: 1 }), { "[redacted]": "[redacted]" });
});

test("no text makes a pattern slow, however it repeats itself", (t) => {
  const rules = compileRedaction({
    ...none,
    patterns: [
      { pattern: "(?:\\d+[ -]?){3}[A-Z]", flags: "" },
      { pattern: "(x+)+y", flags: "i" },
    ],
  });
  // With one that tries all ways, each of these would take longer than anybody waits.
  for (const text of ["1".repeat(20_000), "x".repeat(20_000)]) t.is(rules.redactText(text), text);
  t.is(rules.redactText("😀 12 34 56A, xXy"), "😀 [redacted], [redacted]");
});

test("paths that are none", (t) => {
  for (const text of ["", "$", "a.b", "$.", "$[", "$['a]", "$...a", "$.a[?(@.b)]", "$.a[-1]"])
    t.is(parseJsonPath(text), undefined, text);
});

const size = 400_000;
const hostile: Readonly<Record<string, string>> = {
  brackets: "[".repeat(size),
  objects: '{"a":'.repeat(size / 5),
  quotes: '"'.repeat(size),
  backslashes: `{"a":"${"\\".repeat(size)}"`,
  "half tokens": "eyJ-".repeat(size / 4),
  assignments: "a=".repeat(size / 2),
  "secret assignments": "token=".repeat(size / 6),
  "URL users": "://a@".repeat(size / 5),
  spaces: `token${" ".repeat(size)}`,
  "spaces behind a key": `{"token"${" ".repeat(size)}`,
  "keys without JSON": '"token":'.repeat(size / 8),
  "nested strings": '{"a":"\\"'.repeat(size / 8),
  "values without quotes": '"token":a'.repeat(size / 9),
  digits: "1234-".repeat(size / 5),
};

for (const [what, text] of Object.entries(hostile)) {
  test(`a hostile text costs no more than its length: ${what}`, (t) => {
    const before = process.cpuUsage();
    own.redactText(text);
    // A quadratic pass over such a text takes minutes. Of work, not of time: the machine may be busy.
    t.true(process.cpuUsage(before).user < 5_000_000);
  });
}

test("a hostile URL costs no more than its length", (t) => {
  const before = process.cpuUsage();
  own.redactUrl(`/${"?".repeat(size)}`);
  t.true(process.cpuUsage(before).user < 5_000_000);
  t.is(own.redactUrl("/a??mine=1&b=2?mine=3"), "/a??mine=[redacted]&b=2?mine=[redacted]");
});

test("for one file: equal secrets have equal placeholders, wherever they stand, and others have others", (t) => {
  const file = own.consistent();
  t.is(file.redactUrl("/a?token=s3%63ret&x=1"), "/a?token=[redacted:1]&x=1");
  t.is(
    file.redactText('{"token":"s3cret","pin":{"password":12}}'),
    '{"token":"[redacted:1]","pin":{"password":"[redacted:2]"}}',
  );
  t.is(
    file.redactText('{"b":"{\\"password\\":\\"s3cret\\"}"}'),
    '{"b":"{\\"password\\":\\"[redacted:1]\\"}"}',
  );
  t.is(file.redactHeader("X-Mine", "s3cret"), "[redacted:1]");
  t.is(file.redactText("call 1234-5678 or 1234-5679"), "call [redacted:3] or [redacted:4]");
  t.deepEqual(file.redactAttributes({ token: "s3cret", list: [1] }), { token: "[redacted:1]", list: [1] });
  t.is(file.redactHeader("Sec-WebSocket-Protocol", "chat, s3cret", "chat"), "chat, [redacted:1]");
  // Another file has numbers of its own.
  t.is(own.consistent().redactText('{"token":"other"}'), '{"token":"[redacted:1]"}');
  t.is(own.redactText('{"token":"s3cret"}'), '{"token":"[redacted]"}');
});
