import test from "ava";
import { viewRecorded } from "../../core/verdicts/body-view.ts";
import { diffJson } from "../../core/verdicts/json-diff.ts";

test("what is new, gone and other, each at its place", (t) => {
  const before = { a: 1, b: { c: [1, 2, 3] }, "x y": true, same: null };
  const after = { a: 2, b: { c: [1, 9] }, same: null, d: [] };
  t.deepEqual(diffJson(before, after), [
    { path: "a", before: 1, after: 2 },
    { path: "b.c[1]", before: 2, after: 9 },
    { path: "b.c[2]", before: 3 },
    { path: '["x y"]', before: true },
    { path: "d", after: [] },
  ]);
  t.deepEqual(diffJson({ toString: 1 }, {}), [{ path: "toString", before: 1 }]);
  t.deepEqual(diffJson([1], { 0: 1 }), [{ path: "", before: [1], after: { 0: 1 } }]);
});

test("bodies that hold the same for JavaScript, and are written otherwise", (t) => {
  const diff = (before: string, after: string) =>
    diffJson({ message: viewRecorded({ text: before }) }, { message: viewRecorded({ text: after }) });
  t.deepEqual(diff('{"a":1}', '{"a":1}'), []);
  t.deepEqual(diff('{"a":1}', '{"a":2}'), [{ path: "message.json.a", before: 1, after: 2 }]);
  t.deepEqual(diff('{"id":12345678901234567890}', '{"id":12345678901234567891}'), [
    { path: "message.text", before: '{"id":12345678901234567890}', after: '{"id":12345678901234567891}' },
  ]);
  t.deepEqual(diff('42["a", 1]', '42["a",1]'), [
    { path: "message.text", before: '42["a", 1]', after: '42["a",1]' },
  ]);
  t.deepEqual(diff('{"pin":"[redacted:1]"}', '{"pin":12}'), []);
});

test("a placeholder stands for whatever was hidden there, and for no other placeholder", (t) => {
  const differs = (before: unknown, after: unknown) => diffJson({ v: before }, { v: after }).length > 0;
  t.false(differs("[redacted:1]", "s3cret"));
  t.false(differs("[redacted:1]", 12));
  t.false(differs("[redacted:1]", "[redacted:1]"));
  t.true(differs("[redacted:1]", "[redacted:2]"));
  t.false(differs("Bearer [redacted], x=[redacted:2]!", "Bearer abc, x=y!"));
  t.true(differs("Bearer [redacted], x=[redacted:2]!", "Bearer abc, x=y"));
  t.true(differs("Bearer [redacted:1]", "Bearer [redacted:2]"));
  t.true(differs("ab[redacted]ba", "aba"));
});
