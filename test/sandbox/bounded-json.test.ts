import test from "ava";
import fc from "fast-check";
import { parseBounded } from "../../sandbox/bounded-json.ts";

const bounds = { length: 1_000_000, values: 1000 };

test("within the bounds it is JSON.parse", (t) => {
  fc.assert(fc.property(fc.json(), (text) => t.deepEqual(parseBounded(text, bounds), JSON.parse(text))));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "\\", "[", "]", ",", "{", "1") }), (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        t.throws(() => parseBounded(text, bounds));
        return;
      }
      t.deepEqual(parseBounded(text, bounds), expected);
    }),
  );
});

test("what is in a text is no value; more values, or more text, than the bounds are refused unread", (t) => {
  const commas = `["${'[{,\\"\\\\'.repeat(1000)}"]`;
  t.deepEqual(parseBounded(commas, bounds), JSON.parse(commas));
  for (const [text, refusal] of [
    ["[".repeat(5000), /at most 1000 values/],
    [`[${"[],".repeat(600)}[]]`, /at most 1000 values/],
    [`{${'"a":1,'.repeat(1001)}"b":1}`, /at most 1000 values/],
    [`"${"x".repeat(1_000_000)}"`, /at most 1000000 characters/],
  ] as const) {
    t.throws(() => parseBounded(text, bounds), { instanceOf: RangeError, message: refusal });
  }
  t.throws(() => parseBounded('["', bounds), { instanceOf: SyntaxError });
});
