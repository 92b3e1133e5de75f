import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import fc from "fast-check";
import { JsonReader } from "../../../sandbox/guest/hooks/json/json-reader.ts";
import { REFUSED, skipSpace, skipValue } from "../../../sandbox/guest/hooks/json/json-scan.ts";
import { nearlyWritten, writtenValue } from "../message/json-texts.ts";
import { UNUSUAL } from "./unusual-items.ts";

type Json = Record<string, unknown>;

test("property: a value ends where it does for JSON.parse, and is none where that finds none", (t) => {
  fc.assert(
    fc.property(nearlyWritten(writtenValue), (text) => {
      const from = skipSpace(text, 0);
      const end = skipValue(text, from, { nested: 0 });
      const isWhole = end !== REFUSED && skipSpace(text, end) === text.length;
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (isWhole || !isTooDeep(text)) t.is(isWhole, isJson, text.slice(0, 1000));
    }),
    { numRuns: 5000 },
  );
});

function isTooDeep(text: string): boolean {
  let depth = 0;
  let most = 0;
  for (const unit of text) {
    if (unit === "[" || unit === "{") most = Math.max(most, ++depth);
    if (unit === "]" || unit === "}") depth--;
  }
  return most >= 31;
}

test("a name that a policy has looked into is parsed at once from then on", (t) => {
  const text = `{"items":${UNUSUAL},"more":${UNUSUAL}}`;
  const reader = new JsonReader();
  const read = () => {
    let names: readonly string[] = [];
    const value = reader.read(text, (members) => {
      names = members.map(({ name }) => name);
    }) as Record<string, unknown[]>;
    return { value, names };
  };
  const { value, names } = read();
  t.deepEqual(names, ["items", "more"]);
  t.is(value.items?.length, 20);
  t.deepEqual(read().names, ["more"]);
  t.is(read().value.more?.length, 20);
  t.deepEqual(read().names, []);
});

/** @returns how many members */
function leftUnread(reader: JsonReader, text: string): number {
  let left = 0;
  reader.read(text, (members) => {
    left = members.length;
  });
  return left;
}

test("members are left unread where that is a third of the text, and holds much", (t) => {
  const left = (text: string) => leftUnread(new JsonReader(), text);
  const around = (length: number) => `{"items":${UNUSUAL},"text":"${"x".repeat(length)}"}`;
  t.is(left(around(UNUSUAL.length)), 1);
  t.is(left(around(UNUSUAL.length * 2 + 100)), 0);
  t.is(left(`{"texts":["${"x".repeat(2000)}"]}`), 0);
  t.is(left(`{"texts":[1${" ".repeat(2000)}]}`), 0);
  t.is(left(`{"rows":[{"text":"${"x".repeat(2000)}","list":[]}]}`), 0);
  t.is(left(`{"rows":[{"id":1},{"id":2},{"text":"${"x".repeat(4000)}"},{"id":3}]}`), 0);
  t.is(left(`{"rows":[${Array(10).fill(`{"text":"${"x".repeat(200)}"}`)}]}`), 1);
  t.is(left(`{"numbers":[${Array(200).fill("1.25")}]}`), 1);
  t.is(left(`{"numbers":[1,${" ".repeat(2000)}2]}`), 0);
});

test("messages that are looked through in vain are parsed for a while, also where others come between", (t) => {
  const vain = `{"texts":["${"x".repeat(2000)}"]}`;
  const good = `{"items":${UNUSUAL}}`;
  const play = (reader: JsonReader, ...texts: readonly string[]) =>
    texts.map((text) => leftUnread(reader, text));
  const reader = new JsonReader();
  t.deepEqual(play(reader, ...Array(7).fill(vain), good, vain, good), [0, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
  play(reader, vain);
  const after = play(reader, ...Array(1001).fill(good));
  t.is(after.indexOf(1), 1000);
  const mixed = new JsonReader();
  const lefts = Array.from({ length: 100 }, () => play(mixed, vain, good)[1]);
  t.is(lefts.indexOf(0), 8);
  const seldom = new JsonReader();
  for (let n = 0; n < 100; n++)
    t.deepEqual(play(seldom, vain, ...Array(8).fill(good)), [0, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test("what was looked through in vain counts by its length", (t) => {
  const vain = `{"texts":["${"x".repeat(40_000)}"]}`;
  const good = (rows: number) => `{"items":[${Array(rows).fill(UNUSUAL)}]}`;
  const playAll = (text: string) => {
    const reader = new JsonReader();
    return Array.from({ length: 100 }, () => {
      leftUnread(reader, vain);
      return Array.from({ length: 8 }, () => leftUnread(reader, text));
    });
  };
  t.is(playAll(good(1)).flat().indexOf(0), 8);
  t.is(
    playAll(good(Math.ceil(40_000 / UNUSUAL.length)))
      .flat()
      .indexOf(0),
    -1,
  );
});

test("a member `__proto__` is one, and what is nested too deep to be told apart is refused", (t) => {
  const read = new JsonReader().read(
    `{"items":{"__proto__":[],"x":[${Array(300).fill("[]")}]}}`,
    () => {},
  ) as Json;
  t.deepEqual(Object.keys(read.items as object), ["__proto__", "x"]);
  const closedBy = (bracket: string) => `${'{"a":'.repeat(40)}1${bracket.repeat(40)}`;
  for (const bracket of ["}", "]"]) t.is(skipValue(closedBy(bracket), 0, { nested: 0 }), REFUSED);
});

test("rows behind each other are a value in a list only", (t) => {
  const list = '[{"x":1},{"x":2}, {"x":"3"}]';
  t.is(skipValue(list, 0, { nested: 0 }), list.length);
  t.is(skipValue('{"x":1},{"x":2}', 0, { nested: 0 }), '{"x":1}'.length);
  for (const text of ['{"a":{"x":1},{"x":2}}', '[{"a":{"x":1},{"x":2}}]', '[{"x":1}{"x":2}]', '[{"x":1},]'])
    t.is(skipValue(text, 0, { nested: 0 }), REFUSED, text);
});

test("rows written for people are a value, however they are indented", (t) => {
  const rows = [{ id: 1, name: "a" }, { id: 2 }, {}, { list: [] }, { id: 3, name: "b \\" }];
  for (const space of [" ", "  ", "\t", "\n\r "]) {
    const text = JSON.stringify(rows, null, space);
    t.is(skipValue(text, 0, { nested: 0 }), text.length);
    t.is(skipValue(text.replace("2", "2,"), 0, { nested: 0 }), REFUSED);
    for (let at = text.indexOf(","); at !== -1; at = text.indexOf(",", at + 1))
      t.is(skipValue(text.slice(0, at) + text.slice(at + 1), 0, { nested: 0 }), REFUSED);
    t.is(skipValue(text.replace('"name"', "name"), 0, { nested: 0 }), REFUSED);
  }
});

test("names without end leave a reader that parses", (t) => {
  const reader = new JsonReader();
  let left = 0;
  for (let at = 0; at < 100; at++) {
    const value = reader.read(`{"name ${at}":${UNUSUAL}}`, () => left++) as Record<string, unknown[]>;
    t.is(value[`name ${at}`]?.length, 20);
  }
  t.is(left, 64);
});

test("a member that is kept unread does not keep the text of what came along with its message", (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const text = `{"items":${UNUSUAL}}`;
  const kept: unknown[] = [];
  const before = heap();
  for (let n = 0; n < 200; n++) {
    const frame = Buffer.from(text.replaceAll("é", "e").padEnd(90_000, "x")).toString("latin1");
    kept.push(new JsonReader().read(frame.slice(0, text.length), () => {}));
  }
  t.true(heap() - before < 5_000_000, String(heap() - before));
  t.is(kept.length, 200);
});
