import test from "ava";
import fc from "fast-check";
import { createMessageMatcher } from "../../../sandbox/message/message-matcher.ts";
import type { JsonScalar, MessageFilter } from "../../../sandbox/policy-api.ts";
import {
  nearlyWritten,
  writtenName,
  writtenNumber,
  writtenObject,
  writtenString,
  writtenValue,
} from "./json-texts.ts";

const NAMES = ["type", "__proto__", 'a"b', "é\ud83d"] as const;
const TEXTS = ["order", "cancel", "", 'a"b\\', "é€😀", "\ud83d", "\ufffd", "true", "1"] as const;
const NUMBERS = [0, 1, -1, 1.5, 1e21, 2 ** 53, 0.1] as const;

const scalars = fc.constantFrom<JsonScalar>(...TEXTS, ...NUMBERS, true, false, null);

const filters = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...NAMES), fc.uniqueArray(scalars, { minLength: 1, maxLength: 12 })),
    {
      minLength: 1,
      maxLength: 2,
      selector: ([name]) => name,
    },
  )
  // As a policy's export comes: parsed from JSON, which has own members of any name.
  .map((members) =>
    JSON.parse(`{${members.map((pair) => JSON.stringify(pair).slice(1, -1).replace(",", ":"))}}`),
  )
  .map((json) => json as NonNullable<MessageFilter["json"]>);

const likelyValue = fc.oneof(
  writtenString(...TEXTS),
  writtenNumber,
  fc.constantFrom(...NUMBERS.map(String), "true", "false", "null"),
  writtenValue,
);

/** What `when` means, said with a plain parse. */
function isMeant(json: NonNullable<MessageFilter["json"]>, text: string): boolean {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(json).every(
    ([name, values]) => Object.hasOwn(value, name) && values.includes(Reflect.get(value, name)),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function matches(filter: MessageFilter, text: string, binary = false): boolean {
  return createMessageMatcher(filter).matches({ binary, bytes: Buffer.from(text) });
}

/** Also between other bytes, and as an array that is no Buffer. */
function matchesInside(filter: MessageFilter, text: string): boolean {
  const around = new Uint8Array(Buffer.from(`"${text}"}`));
  const bytes = around.subarray(1, around.length - 2);
  return createMessageMatcher(filter).matches({ binary: true, bytes });
}

const objects = writtenObject(writtenName(...NAMES), likelyValue).map(({ text }) => text);

for (const [what, texts, numRuns] of [
  ["of any object", objects, 4000],
  ["of what is nearly one", nearlyWritten(objects), 2000],
  ["of any other JSON", writtenValue, 500],
  // Long ones are searched before they are walked over.
  ["of a long one", fc.tuple(objects, fc.nat(300)).map(([text, more]) => `${text}${" ".repeat(more)}`), 2000],
] as const) {
  test(`what the bytes say ${what} is what a plain parse says`, (t) => {
    let met = 0;
    fc.assert(
      fc.property(
        filters,
        texts.filter((text) => text.isWellFormed()),
        (json, text) => {
          const isFor = isMeant(json, text);
          if (isFor) met++;
          t.is(matches({ json }, text), isFor, JSON.stringify([json, text.slice(0, 1000)]));
          t.is(matchesInside({ json }, text), isFor);
        },
      ),
      { numRuns },
    );
    if (texts === objects) t.true(met > numRuns / 100, `${met} matched`);
  });
}

const ORDER: MessageFilter = { json: { type: ["order", "cancel", 1, null] } };

for (const [text, isFor] of [
  ['{"type":"order"}', true],
  ['{"type":"cancel","type":"other"}', false],
  ['{"type":"other","type":"cancel"}', true],
  ['{"type":"other","\\u0074ype":"order"}', true],
  ['{"type":"order","\\u0074ype":"other"}', false],
  ['{"type":"\\u006frder"}', true],
  ['{"type":1.0}', true],
  ['{"type":10e-1}', true],
  ['{"type":"1"}', false],
  ['{"type":null}', true],
  ['{"type":"null"}', false],
  ['{"type":["order"]}', false],
  ['{"type":{"type":"order"}}', false],
  ['[{"type":"order"}]', false],
  ['{"inner":{"type":"order"}}', false],
  ['{"text":"\\"type\\":\\"order\\""}', false],
  [' \n{"a":[{"b":1},"}"],"type"\t:\r"order" } ', true],
  ['{"type":"order"', false],
  ['{"type":"order"}x', false],
  ['\ufeff{"type":"order"}', false],
  ['"order"', false],
  ["", false],
] as const) {
  test(`${isFor ? "for" : "not for"} the hook: ${JSON.stringify(text)}`, (t) => {
    t.is(matches(ORDER, text), isFor);
    t.is(matches(ORDER, `${text}${" ".repeat(1000)}`), isFor);
    t.is(isMeant(ORDER.json ?? {}, text), isFor);
  });
}

test("all of the filter has to be true, and lengths are bytes", (t) => {
  const texts = fc
    .array(fc.constantFrom("a", "b", "é", "€", "😀", "\u0000"), { maxLength: 8 })
    .map((all) => all.join(""));
  const some = texts.filter((text) => text !== "");
  const all = fc.record(
    {
      opcode: fc.constantFrom("text", "binary"),
      minLength: fc.nat(12),
      maxLength: fc.nat(24),
      includes: some,
      startsWith: some,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(all, texts, fc.boolean(), (filter, text, binary) => {
      const {
        opcode,
        minLength = 0,
        maxLength = 100,
        includes = "",
        startsWith = "",
      } = filter as MessageFilter;
      const length = Buffer.byteLength(text);
      const isMet =
        (opcode === undefined || (opcode === "binary") === binary) &&
        length >= minLength &&
        length <= maxLength &&
        text.includes(includes) &&
        text.startsWith(startsWith);
      t.is(matches(filter as MessageFilter, text, binary), isMet);
      const matcher = createMessageMatcher(filter as MessageFilter);
      if (isMet) t.true(matcher.fits(binary, length) && matcher.fits(binary, undefined));
    }),
    { numRuns: 3000 },
  );
});

test("what a header tells is enough to know that a message is for nobody", (t) => {
  const matcher = createMessageMatcher({ opcode: "text", minLength: 2, maxLength: 4, includes: "x" });
  t.false(matcher.fits(true, 3));
  t.false(matcher.fits(false, 1));
  t.false(matcher.fits(false, 5));
  t.true(matcher.fits(false, 3));
  t.false(matcher.fits(true, undefined));
  t.true(matcher.fits(false, undefined));
});

test("bytes that are no text are searched as they are", (t) => {
  const matcher = createMessageMatcher({ json: { type: ["order"] } });
  const bytes = Buffer.concat([
    Buffer.from('{"x":"'),
    Buffer.of(0xff, 0xc0),
    Buffer.from('","type":"order"}'),
  ]);
  t.true(matcher.matches({ binary: true, bytes }));
});

test("a message of many members of one name takes a time that grows with its length only", (t) => {
  const matcher = createMessageMatcher(ORDER);
  const bytes = Buffer.from(`{${'"type":"order",'.repeat(200_000)}"type":"cancel"}`);
  t.true(matcher.matches({ binary: false, bytes }));
});
