import assert from "node:assert/strict";
import fc from "fast-check";
import { compileRedaction } from "../../../../core/redaction/rules.ts";
import { nearlyJson, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const rules = compileRedaction({
  ...{ defaults: true, headers: ["x-key"], query: ["q"], json: ["user.name", "items[*].id"] },
  patterns: [{ pattern: "\\d{4}-\\d{4}", flags: "" }],
});

const texts = fc.oneof(
  wordsOf(
    ...[
      '{"',
      '"',
      ":",
      ",",
      "}",
      "[",
      "]",
      "password",
      "token",
      "=",
      "&",
      "Bearer ",
      "Basic ",
      "\\",
      '\\"',
      "\\u00",
      "://",
    ],
    ...[
      "user",
      "name",
      "items",
      "id",
      "1234-5678",
      "\n",
      " ",
      "@",
      "?q=",
      "%3D",
      "eyJhbGciOiJIUzI1NiJ9.e30.x",
    ],
  ),
  nearlyJson({ user: { name: "x" }, password: "hunter2", items: [{ id: 5 }], nested: '{"token":"hunter2"}' }),
);

/** What is shown of traffic: text, at places that are in it, and what was hidden stays so when it is looked at again. */
export const redactions = defineTarget<string>({
  name: "redactions",
  inputs: texts,
  seeds: ['{"password":"', '{"a":"{\\"token\\":\\"x', '"\\', "password=", "//a:b@"],
  runs: 500,
  check(text) {
    const spans = rules.findSecrets(text);
    let end = 0;
    for (const span of spans) {
      assert.ok(
        span.start >= end && span.end >= span.start && span.end <= text.length,
        "a span that is nowhere",
      );
      end = span.end;
    }
    const shown = rules.redactText(text);
    assert.ok(shown.length <= text.length * 2 + spans.length * 40 + 40, `${shown.length} characters`);
    rules.redactUrl(text);
    rules.redactHeader("x-other", text);
    return spans.length === 0 ? "nothing to hide" : "hidden";
  },
});
