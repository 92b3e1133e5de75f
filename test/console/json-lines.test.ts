import test from "ava";
import fc from "fast-check";
import { readCloseFrame } from "../../console/parts/close-frame.ts";
import { toJsonLines, toPrettyText } from "../../console/parts/json-lines.ts";

test("any JSON object or array is laid out as JSON.stringify does it", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      // Minus zero is written as 0, and what is compared is text.
      const text = JSON.stringify(value);
      t.is(toPrettyText(text), JSON.stringify(JSON.parse(text), null, 2));
    }),
  );
});

test("literals stay as they were written: digits beyond 2^53, keys that come twice, escapes", (t) => {
  t.is(
    toPrettyText('{"n":12345678901234567890,"n":1.50,"half":"\\ud83d"}'),
    '{\n  "n": 12345678901234567890,\n  "n": 1.50,\n  "half": "\\ud83d"\n}',
  );
});

test("what opens on a line says where it closes", (t) => {
  const lines = toJsonLines('{"a":[1,2],"b":{}}')!;
  t.deepEqual(
    lines.map(({ end }) => end),
    [6, 4, undefined, undefined, undefined, undefined, undefined],
  );
});

test("other text is not taken for JSON", (t) => {
  for (const text of ["", "hello", "12", '"text"', "{", '{"a":}', "[1,]"])
    t.is(toJsonLines(text), undefined, text);
});

test("a Close frame is read as its code and reason, and one without a code is none", (t) => {
  const read = (...bytes: readonly number[]) =>
    readCloseFrame({ encoding: "base64", data: Buffer.from(bytes).toString("base64") });
  t.deepEqual(read(0x03, 0xf3, ...Buffer.from("über")), { code: 1011, reason: "über" });
  t.deepEqual(read(0x0f, 0xa1), { code: 4001, reason: "" });
  t.is(read(), undefined);
  t.is(read(3), undefined);
});
