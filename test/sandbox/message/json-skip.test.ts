import { readFile } from "node:fs/promises";
import test from "ava";
import fc from "fast-check";
import { JsonSkip, openCode, UNSURE } from "../../../sandbox/message/json-skip.ts";
import { hasAssemblyCompiler, renderJsonSkip } from "../../../scripts/write-json-skip.ts";
import { tellLack } from "../../support/needs.ts";

import { nearlyWritten, writtenString, writtenValue } from "./json-texts.ts";

/** What there is of a text at first, and then twice as much each time. */
const FIRST_BYTES = 48;
const skip = new JsonSkip(openCode, FIRST_BYTES);

/** What is skipped of a text that lies behind some other bytes, and whether there are escapes in it; undefined: it is refused. */
function skipped(text: string): { readonly text: string; readonly isEscaped: boolean } | undefined {
  const bytes = Buffer.from(`"]}${text}`);
  skip.hold(bytes, bytes.length);
  const place = text.startsWith('"') ? skip.skipQuoted(4) : skip.skipNested(3, 0, 0);
  if (place === UNSURE) throw new Error(`it is not sure of ${text}`);
  return place === -1 ? undefined : { text: bytes.toString("utf8", 3, place), isEscaped: skip.hadEscapes };
}

/** What of it `JSON.parse` makes a value of, whatever comes behind that. */
function expected(text: string): ReturnType<typeof skipped> {
  let value = text;
  try {
    JSON.parse(text);
  } catch (error) {
    const [, place] = /after JSON at position (\d+)/.exec((error as Error).message) ?? [];
    if (place === undefined) return undefined;
    value = text.slice(0, Number(place));
  }
  const written = value.replace(/[ \t\r\n]+$/, "");
  return { text: written, isEscaped: written.includes("\\") };
}

/** In front of which what is looked at 64 bytes at a time may lie anywhere, in a list and behind the name of a member. */
const moved = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.nat(140),
      fc.constantFrom("x", "\\\\", "\\n", "é", " ", "1,", "[],", '{"":0},'),
      fc.boolean(),
      text,
    )
    .map(([count, filler, isList, rest]) => {
      const front = filler.repeat(Math.ceil(count / filler.length));
      if (filler.endsWith(",")) return `[${front}${rest}]`;
      if (filler === " ") return isList ? `[${front}${rest}]` : `{"":${front}${rest}}`;
      // Runs of backslashes begin at even and at odd places.
      return isList ? `["${front}",${rest}]` : `{ "${front}":${rest}}`;
    });

const tokens = fc
  .array(
    fc.constantFrom(
      ...["[", "]", "{", "}", ",", ":", '"', "\\", " ", "\n", "\u0001", '"a"', '"a":', '"\\\\"', '"\\u00e9"'],
      ...["1", "0", "-", ".", "e", "+", "-0.5", "1e5", "2E-7", "01", "true", "false", "null", "nul", "truex"],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const canBeSent = (text: string) => text.isWellFormed();
/** Of what is deeper it is not sure. */
const isShallow = (text: string) => text.length < 32 * 1024;

test("of lists and objects exactly what JSON.parse accepts is skipped, wherever it lies", (t) => {
  const values = fc.array(writtenValue, { maxLength: 6 }).map((each) => `[${each.join(",")}]`);
  const texts = fc.oneof(moved(nearlyWritten(writtenValue)), nearlyWritten(moved(values)), moved(tokens));
  fc.assert(
    fc.property(
      texts.filter((text) => canBeSent(text) && isShallow(text) && /^[[{]/.test(text)),
      (text) => {
        t.deepEqual(skipped(text), expected(text), text);
      },
    ),
    { numRuns: 10_000 },
  );
});

test("and of strings", (t) => {
  const long = fc
    .array(writtenString(), { maxLength: 30 })
    .map((parts) => `"${parts.map((part) => part.slice(1, -1)).join("")}"`);
  fc.assert(
    fc.property(
      nearlyWritten(long).filter((text) => canBeSent(text) && text.startsWith('"')),
      (text) => {
        t.deepEqual(skipped(text), expected(text), text);
      },
    ),
    { numRuns: 2000 },
  );
});

test("values of one message are skipped one after the other, also when another message has been held meanwhile", (t) => {
  const long = JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ i })));
  const bytes = Buffer.from(`{"a":${long},"b":${long}}`);
  const ticket = skip.hold(bytes, bytes.length);
  const next = 5 + long.length + ',"b":'.length;
  t.is(skip.skipNested(5, 0, 0), 5 + long.length);
  t.is(skip.skipNested(next, 0, 0), next + long.length);
  t.is(skip.skipNested(5, 0, 0), 5 + long.length);
  t.true(skip.holds(ticket));
  skip.hold(Buffer.from("{}"), 2);
  t.false(skip.holds(ticket));
  skip.letGo(ticket);
  t.is(skip.skipNested(0, 0, 0), 2);
});

test("what comes far behind a value is not read for it", (t) => {
  const bytes = Buffer.alloc(100_000, "x");
  bytes.write('["first"]');
  const own = new JsonSkip();
  own.hold(bytes, bytes.length);
  t.is(own.skipNested(0, 0, 0), 9);
  bytes.write('["later"]', 5000);
  t.is(own.skipNested(5000, 0, 0), 5009);
});

for (const levels of [0b0, 0b1, 0b10, 0b1011, -1, 0b10 << 30]) {
  test(`it goes on within lists and objects that are open: ${(levels >>> 0).toString(2)}`, (t) => {
    const depth = levels === 0b0 || levels === 0b1 ? 1 : 32 - Math.clz32(levels);
    const kinds = Array.from({ length: depth }, (_, i) => (levels >>> i) & 1);
    const close = kinds.map((kind) => (kind === 1 ? "}" : "]")).join("");
    const go = (text: string) => {
      const bytes = Buffer.from(text);
      skip.hold(bytes, bytes.length);
      return skip.skipNested(0, depth, levels);
    };
    for (const value of ["1", ' {"a":[]}', `"${"\\n".repeat(80)}"`]) {
      t.is(go(`${value}${close}]`), value.length + depth);
      t.is(go(`${value}${close.slice(1)}`), -1);
    }
    t.is(go(`1${close.slice(0, -1)}${close.endsWith("}") ? "]" : "}"}`), -1);
    t.is(go(`1,${kinds[0] === 1 ? '"a":' : ""}2${close}`), 2 + (kinds[0] === 1 ? 4 : 0) + 1 + depth);
    t.is(go(`1,${kinds[0] === 1 ? "" : '"a":'}2${close}`), -1);
    t.is(go(close), -1);
    t.is(go(`,1${close}`), -1);
  });
}

test("it is not sure of what is very deep, nor of numbers whose end is not there", (t) => {
  const skipIn = (text: string, from = 0) => {
    const bytes = Buffer.from(text);
    skip.hold(bytes, bytes.length);
    return skip.skipNested(from, 0, 0);
  };
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  t.is(skipIn(deep(32 * 1024)), 64 * 1024);
  t.is(skipIn(deep(32 * 1024 + 1)), UNSURE);
  t.is(skipIn(`[${"1".repeat(1000)},1]`), UNSURE);
  t.is(skipIn(`[${"1".repeat(150)},1]`), 154);
  t.is(skipIn(`[${"1".repeat(150)}x,1]`), -1);
});

test("where there is no WebAssembly it is not sure of anything, and asks for it once", (t) => {
  let asked = 0;
  const without = new JsonSkip(() => {
    asked++;
    throw new RangeError("no memory");
  });
  const bytes = Buffer.from('[""]');
  without.hold(bytes, bytes.length);
  t.is(without.skipNested(0, 0, 0), UNSURE);
  t.is(without.skipQuoted(2), UNSURE);
  t.false(without.hadEscapes);
  t.is(asked, 1);
});

test("sandbox/message/json-skip-code.ts is what `node scripts/write-json-skip.ts` writes", async (t) => {
  const hasCompiler =
    hasAssemblyCompiler() || tellLack(t, "nothing is tested here: npm ci --prefix .ci/assembly");
  if (!hasCompiler) return;
  const file = new URL("../../../sandbox/message/json-skip-code.ts", import.meta.url);
  t.is(await readFile(file, "utf8"), await renderJsonSkip());
});
