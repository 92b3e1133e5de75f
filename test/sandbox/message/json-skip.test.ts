import { readFile } from "node:fs/promises";
import test from "ava";
import fc from "fast-check";
import { JsonSkip } from "../../../sandbox/message/json-skip.ts";
import { hasAssemblyCompiler, renderJsonSkip } from "../../../scripts/write-json-skip.ts";
import { tellLack } from "../../support/needs.ts";

import { nearlyWritten, writtenString, writtenValue } from "./json-texts.ts";

const skip = new JsonSkip();

/** What is skipped of a text that lies behind some other bytes, and whether there are escapes in it; undefined: it is refused. */
function skipped(text: string): { readonly text: string; readonly isEscaped: boolean } | undefined {
  const bytes = Buffer.from(`"]}${text}`);
  skip.hold(bytes, 2, bytes.length);
  const place = text.startsWith('"') ? skip.skipQuoted(3) : skip.skipNested(3);
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

test("of lists and objects exactly what JSON.parse accepts is skipped, wherever it lies", (t) => {
  const values = fc.array(writtenValue, { maxLength: 6 }).map((each) => `[${each.join(",")}]`);
  const texts = fc.oneof(moved(nearlyWritten(writtenValue)), nearlyWritten(moved(values)), moved(tokens));
  fc.assert(
    fc.property(
      texts.filter((text) => canBeSent(text) && /^[[{]/.test(text)),
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
  const ticket = skip.hold(bytes, 0, bytes.length);
  const next = 5 + long.length + ',"b":'.length;
  t.is(skip.skipNested(5), 5 + long.length);
  t.is(skip.skipNested(next), next + long.length);
  t.true(skip.holds(ticket));
  skip.hold(Buffer.from("{}"), 0, 2);
  t.false(skip.holds(ticket));
});

test("of a message of megabytes nothing is kept, and the next one is skipped as well", (t) => {
  const items = `[${"[],".repeat(1_500_000)}[]]`;
  const bytes = Buffer.from(items);
  const ticket = skip.hold(bytes, 0, bytes.length);
  t.is(skip.skipNested(0), bytes.length);
  skip.letGo(ticket);
  t.false(skip.holds(ticket));
  t.deepEqual(skipped("[1]"), { text: "[1]", isEscaped: false });
});

test("sandbox/message/json-skip-code.ts is what `node scripts/write-json-skip.ts` writes", async (t) => {
  const hasCompiler =
    hasAssemblyCompiler() || tellLack(t, "nothing is tested here: npm ci --prefix .ci/assembly");
  if (!hasCompiler) return;
  const file = new URL("../../../sandbox/message/json-skip-code.ts", import.meta.url);
  t.is(await readFile(file, "utf8"), await renderJsonSkip());
});
