import test from "ava";
import fc from "fast-check";
import { StringTable } from "../../../sandbox/message/string-table.ts";
import { writtenString } from "./json-texts.ts";

const TEXTS = ["type", "é€😀", "\ud83d", "\ufffd", "", 'a"b', "a\\b", "a\\\\b", "\n", "/"];

function find(texts: readonly string[], written: string): number {
  const bytes = Buffer.from(`[${written}]`);
  return new StringTable(texts).find(bytes, 2, bytes.length - 2, written.includes("\\"));
}

test("a string is found in whatever way it is written, among few and among many, and no other is", (t) => {
  const tables = fc.shuffledSubarray(TEXTS, { minLength: 1 });
  fc.assert(
    fc.property(tables, writtenString(...TEXTS), (texts, written) => {
      t.is(find(texts, written), texts.indexOf(JSON.parse(written)), JSON.stringify([texts, written]));
    }),
    { numRuns: 3000 },
  );
});

test("a text that UTF-8 has no bytes for is not taken for what stands in its place", (t) => {
  for (const more of [[], ["a", "b", "c", "d"]]) {
    t.is(find(["\ud83d", ...more], '"\ufffd"'), -1);
    t.is(find(["\ud83d", ...more], '"\\ud83d"'), 0);
  }
});

test("what is written without escapes is compared as it is, not as escapes", (t) => {
  t.is(find(["a\\\\b"], '"a\\\\b"'), -1);
  t.is(find(["a\\b"], '"a\\\\b"'), 0);
});
