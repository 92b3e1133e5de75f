import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { JsonMembers } from "../../../sandbox/message/json-members.ts";
import { JsonSkip } from "../../../sandbox/message/json-skip.ts";
import { nearlyWritten, parseObject, writtenObject, writtenValue } from "./json-texts.ts";

interface Member {
  readonly key: string;
  readonly value: string;
  readonly isKeyEscaped: boolean;
  readonly isValueEscaped: boolean;
}

const walk = new JsonMembers();
/** Where WebAssembly cannot be had. */
const plainWalk = new JsonMembers(
  new JsonSkip(() => {
    throw new RangeError("no memory");
  }),
);

/** The members of the object between some other bytes; undefined when it is no object. */
function membersOf(text: string): readonly Member[] | undefined {
  const members = membersBy(walk, text);
  assert.deepEqual(membersBy(plainWalk, text), members);
  return members;
}

function membersBy(walk: JsonMembers, text: string): readonly Member[] | undefined {
  const bytes = Buffer.from(`}"${text}}"`);
  const members: Member[] = [];
  walk.open(bytes, 2, bytes.length - 2);
  while (walk.next()) {
    members.push({
      key: bytes.toString("utf8", walk.keyStart - 1, walk.keyEnd + 1),
      value: bytes.toString("utf8", walk.valueStart, walk.valueEnd),
      isKeyEscaped: walk.isKeyEscaped,
      isValueEscaped: walk.isValueEscaped,
    });
  }
  return walk.isWhole ? members : undefined;
}

/** UTF-8 has no bytes for half a character, and so no peer can send it. */
const canBeSent = (text: string) => text.isWellFormed();

test("each member is found in its order, with its name and its value as they are written", (t) => {
  fc.assert(
    fc.property(writtenObject(), ({ members, text }) => {
      const expected = members.map(({ key, value }) => ({
        ...{ key, value },
        isKeyEscaped: key.includes("\\"),
        isValueEscaped: value.includes("\\"),
      }));
      t.deepEqual(membersOf(text), expected);
    }),
    { numRuns: 1000 },
  );
});

/** Each of the members comes long before the end: what is not short is skipped by other code then. */
const longObject = fc
  .tuple(fc.constantFrom("x", "é", "\\n", '","b":[1]},{"a":"'), fc.nat(300), writtenObject())
  .map(
    ([filler, count, { text }]) =>
      `{"a":[{"a":"${filler.repeat(count)}"}],"b":${text},"pad":"${filler.repeat(300)}"}`,
  );

test("exactly what JSON.parse makes an object of is one", (t) => {
  const texts = fc.oneof(
    nearlyWritten(writtenObject().map(({ text }) => text)),
    nearlyWritten(writtenValue),
    nearlyWritten(longObject),
  );
  fc.assert(
    fc.property(texts.filter(canBeSent), (text) => {
      const parsed = parseObject(text);
      const members = membersOf(text);
      t.is(members !== undefined, parsed !== undefined, text.slice(0, 1000));
      if (parsed === undefined || members === undefined) return;
      const names = new Set(members.map(({ key }) => JSON.parse(key) as string));
      t.deepEqual([...names].sort(), Object.keys(parsed).sort(), text.slice(0, 1000));
    }),
    { numRuns: 5000 },
  );
});

for (const value of [String.raw`"\\"`, String.raw`"\\\""`, String.raw`["\\",{"a":"\\\\"},"\\"]`]) {
  test(`a string ends where its quote is not escaped: ${value}`, (t) => {
    t.is(membersOf(`{"a":${value},"b":1}`)?.[0]?.value, value);
    t.is(membersOf(`{"a":${value.replace("\\\\", "\\\\\\")},"b":1}`), undefined);
  });
}

for (const text of [
  ...[
    "",
    " ",
    "null",
    "1",
    '"a"',
    "[]",
    '[{"a":1}]',
    "{",
    "}",
    "{}{}",
    "{},",
    "{} 1",
    "\ufeff{}",
    "{}\u00a0",
  ],
  ...[
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{,}",
    '{,"a":1}',
    '{"a":1 "b":2}',
    '{"a":1,,"b":2}',
    "{a:1}",
    "{'a':1}",
  ],
  ...['{"a":01}', '{"a":1.}', '{"a":.1}', '{"a":+1}', '{"a":-}', '{"a":1e}', '{"a":1e+}', '{"a":0x1}'],
  ...['{"a":nul}', '{"a":nullx}', '{"a":True}', '{"a":NaN}', '{"a":undefined}', '{"a":tru'],
  ...['{"a":"\n"}', '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":"\\u12g4"}', '{"a":"', '{"a":"\\', '{"a":"\\"}'],
  ...['{"a":[}', '{"a":[1,]}', '{"a":[1 2]}', '{"a":{]}', '{"a":{"b":1,}}', '{"a":{"b"}}', '{"a":[{}]]}'],
  ...[
    '{"a":1}/**/',
    '// \n{"a":1}',
    '{"a":1',
    '{"a":"b"',
    '{"a":[',
    '{"a":{',
    '{"a"',
    '{"',
    '{"a":[{"b":1]}}',
  ],
]) {
  test(`no object: ${JSON.stringify(text)}`, (t) => {
    t.is(parseObject(text), undefined);
    t.is(membersOf(text), undefined);
  });
}

test("an object may be as deep as it likes, and what is not closed is refused there too", (t) => {
  const open = '[{"a":'.repeat(100_000);
  const close = "}]".repeat(100_000);
  t.deepEqual(membersOf(`{"deep":${open}1${close},"next":2}`)?.[1], {
    key: '"next"',
    value: "2",
    isKeyEscaped: false,
    isValueEscaped: false,
  });
  t.is(membersOf(`{"deep":${open}1${close.slice(1)}}`), undefined);
  t.is(membersOf(`{"deep":${open}1${close.replace("}]", "]}")}}`), undefined);
});

test("long values of two objects are told in turn", (t) => {
  const textOf = (name: string, i: number) => `["${name.repeat((name === "a" ? 5000 : 300) * i)}"]`;
  const [first, second] = ["a", "b"].map((name) => {
    const values = [1, 2, 3].map((i) => `"${name}${i}":${textOf(name, i)}`);
    return Buffer.from(`{${values.join(",")},"pad":"${"p".repeat(1000)}"}`);
  }) as [Buffer, Buffer];
  const [one, other] = [new JsonMembers(), new JsonMembers()];
  one.open(first, 0, first.length);
  other.open(second, 0, second.length);
  for (const i of [1, 2, 3])
    for (const [own, bytes, name] of [[one, first, "a"] as const, [other, second, "b"] as const]) {
      t.true(own.next());
      t.is(bytes.toString("utf8", own.valueStart, own.valueEnd), textOf(name, i));
    }
  other.close();
  t.true(one.next());
  t.false(one.next());
  t.true(one.isWhole);
});

for (const value of [`[${"1".repeat(20_000)}]`, `[${"[".repeat(40_000)}${"]".repeat(40_000)},"\\n"]`])
  test(`a value that the skipping of long ones is not sure of: ${value.slice(0, 10)}`, (t) => {
    const object = (text: string) => `{"a":${text},"b":1}`;
    t.is(membersOf(object(value))?.[0]?.value, value);
    t.is(membersOf(object(`${value.slice(0, -1)}}`)), undefined);
  });
