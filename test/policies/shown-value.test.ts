import test from "ava";
import { showValue } from "../../policies/shown-value.ts";

test("what stands under the name of a secret is told by its kind and length", (t) => {
  t.is(showValue(["secrets", "API_KEY"], "s3cret-value"), "12 characters");
  t.is(showValue(["routes", 0, "policies", 0, "options", "token"], ["s3cret"]), "a list");
  t.is(showValue(["console", "token"], { vlaue: "s3cret" }), "an object");
  t.is(showValue(["clientSecret"], null), "null");
});

test("secrets in a value that is no secret are left out", (t) => {
  const shown = [
    showValue(["routes"], { headers: { authorization: "Bearer s3cret" }, n: 1 }),
    showValue(["kv", "url"], "redis://user:s3cret@host"),
    showValue(["header"], "Bearer s3cret"),
    showValue(["list"], [{ passwordHash: "s3cret" }]),
    showValue(["alerts"], { webhook: "https://hooks.example.com/s3cret" }),
    ...[
      'http://user:p\\"s3cret@host/a',
      "http://user:s3cret@s3cret@host/a",
      "ws:user:s3cret@host",
      "http:\\\\user:s3cret@host",
      'postgres://user:s3"cret@host/db',
      "see http://user:s3cret@host",
      "https://host/a?token=s3cret&x=1",
      "https://host/a?x=1&key=s3cret",
    ].map((url) => showValue(["upstream"], url)),
  ];
  for (const text of shown) t.notRegex(text, /s3cret|cret@/, text);
  t.is(shown[0], '{"headers":{"authorization":"…"},"n":1}');
});

test("what is long is cut", (t) => {
  t.is(showValue(["name"], "x".repeat(200)).length, 78);
});

test("what is large, deep, or holds itself is shown as far as it can be seen", (t) => {
  const deep = JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`);
  t.is(showValue(["path"], deep), `${"[".repeat(77)}…`);
  const own: unknown[] = [1];
  own.push(own, { own });
  t.regex(showValue(["path"], own), /^\[1,\[1,\[1,/);
  t.is(showValue(["list"], Array(1_000_000).fill(1)), `[${"1,".repeat(38)}…`);
  t.is(showValue(["list"], { a: 5n, b: [new Date(0)] }), '{"a":"5","b":["1970-01-01T00:00:00.000Z"]}');
});
