import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import { encodeEdit } from "../../../sandbox/guest/hooks/edit.ts";
import { JsonChanges } from "../../../sandbox/message/json-changes.ts";
import { editJson } from "../../../sandbox/message/json-edit.ts";
import { JsonMembers } from "../../../sandbox/message/json-members.ts";
import {
  isReadRightly,
  nearlyWritten,
  parseObject,
  writtenName,
  writtenObject,
  writtenValue,
} from "./json-texts.ts";

type Members = Readonly<Record<string, unknown>>;

interface Edit {
  readonly set?: Members;
  readonly remove?: readonly string[];
}

const MAX_BYTES = 1_000_000;

/** By the text that a policy's verdict becomes; undefined when the message is no JSON object. */
function edit(message: string, { set, remove }: Edit): string | undefined {
  const changes = JsonChanges.read(Buffer.from(encodeEdit(set, remove, false, MAX_BYTES)));
  if (changes === undefined) throw new Error("the text of an edit was not understood");
  return editJson(Buffer.from(message), changes)?.toString();
}

/** As members of their own, also where one is called `__proto__`. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Parse, assign, remove: the values of `set` as they are when they have been serialised. */
function modelOf(message: string, { set = {}, remove = [] }: Edit): object {
  const object = JSON.parse(message);
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined) delete object[name];
    else define(object, name, JSON.parse(JSON.stringify(value)));
  }
  for (const name of remove) delete object[name];
  return object;
}

/** Of the outermost object, those that come twice included. */
function namesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const members = new JsonMembers();
  const names: string[] = [];
  members.open(bytes, 0, bytes.length);
  while (members.next())
    names.push(JSON.parse(bytes.toString("utf8", members.keyStart - 1, members.keyEnd + 1)));
  return names;
}

const NAMES = [
  "a",
  "b",
  "type",
  "",
  "__proto__",
  "toJSON",
  "constructor",
  "1",
  "é",
  "😀",
  "\ud83d",
  '"',
  "a\n",
];
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  fc.string({ unit: "binary" }).filter((text) => !text.includes("\\")),
);
const value = fc.jsonValue().filter((one) => isReadRightly(JSON.stringify(one)));
const members = fc
  .array(fc.tuple(name, fc.oneof(value, fc.constant(undefined))), { maxLength: 4 })
  .map((entries) => {
    const set = {};
    for (const [key, value] of entries) define(set, key, value);
    return set as Members;
  });
const edits = fc
  .record({ set: members, remove: fc.array(name, { maxLength: 4 }) })
  .map(({ set, remove }) => ({
    set,
    remove: remove.filter((one) => !Object.hasOwn(set, one)),
  }));
const key = writtenName(...NAMES);

/** UTF-8 has no bytes for half a character, and so no peer can send it. */
const canBeSent = (text: string) => text.isWellFormed();
/** What a comparison can still go into. */
const isShallow = (text: string) => text.length < 10_000;

test("an edit is what parse, assign and serialise make of any JSON object", (t) => {
  const texts = writtenObject(key, writtenValue).map(({ text }) => text);
  let changed = 0;
  fc.assert(
    fc.property(texts.filter(canBeSent).filter(isShallow), edits, (text, one) => {
      const edited = edit(text, one);
      if (edited === undefined) throw new Error(`refused: ${text}`);
      if (edited !== text) changed++;
      const wanted = modelOf(text, one);
      t.true(isDeepStrictEqual(JSON.parse(edited), wanted), JSON.stringify([text, one, edited]));
      // Whatever a reader makes of a name that is there twice: of those that are changed one is left at most.
      const names = namesOf(edited);
      for (const changed of [...Object.keys(one.set), ...one.remove])
        t.is(names.filter((each) => each === changed).length, Object.hasOwn(wanted, changed) ? 1 : 0);
    }),
    { numRuns: 3000 },
  );
  t.true(changed > 1000, String(changed));
});

test("exactly what JSON.parse makes an object of can be edited", (t) => {
  const texts = fc.oneof(
    nearlyWritten(writtenObject(key).map(({ text }) => text)),
    nearlyWritten(writtenValue),
  );
  fc.assert(
    fc.property(texts.filter(canBeSent), edits, (text, one) => {
      t.is(edit(text, one) !== undefined, parseObject(text) !== undefined, text.slice(0, 1000));
    }),
    { numRuns: 2000 },
  );
});

test("what one edit says is carried out on one message after another", (t) => {
  const changes = JsonChanges.read(Buffer.from(encodeEdit({ user: "ada" }, ["internal"], false, MAX_BYTES)));
  if (changes === undefined) return t.fail("the text of an edit was not understood");
  for (const [message, edited] of [
    ['{"a":1,"internal":2}', '{"a":1,"user":"ada"}'],
    ['{"b":1}', '{"b":1,"user":"ada"}'],
    ['{"user":1,"user":2}', '{"user":"ada"}'],
    ['{"internal":1,"internal":2}', '{"user":"ada"}'],
    ["no object", undefined],
    ["{}", '{"user":"ada"}'],
  ] as const)
    t.is(editJson(Buffer.from(message), changes)?.toString(), edited);
});

test("all that is not named stays, to the byte", (t) => {
  for (const [message, one, edited] of [
    [
      '{"user": "eve", "internal": 1, "n": 1e2}',
      { set: { user: "ada", via: "gate" }, remove: ["internal"] },
      '{"user": "ada", "n": 1e2,"via":"gate"}',
    ],
    [" { } ", { set: { a: 1, b: [2] } }, ' {"a":1,"b":[2] } '],
    ["{}", { remove: ["a"] }, "{}"],
    ['{"a":1}', { remove: ["a"] }, "{}"],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { remove: ["a"] }, '{ "b" : 2 , "c" : 3 }'],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { remove: ["b"] }, '{ "a" : 1 , "c" : 3 }'],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { remove: ["c"] }, '{ "a" : 1 , "b" : 2 }'],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { remove: ["a", "b"] }, '{ "c" : 3 }'],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { remove: ["a", "b", "c"] }, "{  }"],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { set: { d: 4 }, remove: ["c", "b", "a"] }, '{ "d":4 }'],
    ['{ "a" : 1 , "b" : 2 , "c" : 3 }', { set: { d: 4 }, remove: ["c", "b"] }, '{ "a" : 1,"d":4 }'],
    ['{"\\u0061":1,"a":2,"b":3,"\\u0061":4}', { set: { a: 5 } }, '{"\\u0061":5,"b":3}'],
    ['{"a":1,"a":2,"b":3}', { remove: ["a"] }, '{"b":3}'],
    ['{"a":1,"a":2}', { set: { b: 3 } }, '{"a":1,"a":2,"b":3}'],
    [
      '{"a":{"a":1},"big":12345678901234567890}',
      { set: { a: null } },
      '{"a":null,"big":12345678901234567890}',
    ],
    ['{"role":"root"}', { set: { role: undefined, user: undefined } }, "{}"],
    ['{"é":"é","😀":1}', { set: { "😀": "é" }, remove: ["é"] }, '{"😀":"é"}'],
    ['{"__proto__":1}', { set: { ["__proto__"]: { x: 1 } } }, '{"__proto__":{"x":1}}'],
    ['{"a":1}', { remove: ["__proto__", "constructor", "toString"] }, '{"a":1}'],
    ['{"":1,"toJSON":2}', { set: { "": 3 }, remove: ["toJSON"] }, '{"":3}'],
  ] as const satisfies readonly (readonly [string, Edit, string])[]) {
    t.is(edit(message, one), edited, JSON.stringify([message, one]));
  }
});

test("a message of which nothing changes is the very one that came", (t) => {
  const message = Buffer.from('{"a":1}');
  for (const text of ["{}", '{"-b":0}']) {
    const changes = JsonChanges.read(Buffer.from(text));
    t.is(changes && editJson(message, changes), message, text);
  }
});

test("the text of an edit is signed names, each once, and nothing else", (t) => {
  for (const text of [
    '{"a":1}',
    '{"":1}',
    '{"+a":1,"-a":0}',
    '{"+a":1,"+\\u0061":1}',
    '{"\\u002ba":1}',
    '{"+a":1',
    "[]",
    "",
  ])
    t.is(JsonChanges.read(Buffer.from(text)), undefined, text);
});

test("the time grows with the message and the edit, not with one times the other", (t) => {
  const names = Array.from({ length: 20_000 }, (_, i) => `name-${i}`);
  const message = JSON.stringify(Object.fromEntries(names.map((one) => [one, 1])));
  const half = names.filter((_, i) => i % 2 === 0);
  const edited = edit(message, { set: Object.fromEntries(half.map((one) => [one, 2])), remove: ["none"] });
  t.deepEqual(
    JSON.parse(edited ?? ""),
    Object.fromEntries(names.map((one, i) => [one, i % 2 === 0 ? 2 : 1])),
  );
});
