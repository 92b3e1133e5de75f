import { isUtf8 } from "node:buffer";
import test from "ava";
import fc from "fast-check";
import { Utf8Check } from "../../core/wire/utf8-check.ts";
import { cut, splitBytes } from "./frames.ts";

/** How many of the pieces are taken, and whether the text could end there. */
function check(pieces: readonly Uint8Array[]): { taken: number; isWhole: boolean } {
  const text = new Utf8Check();
  const refused = pieces.findIndex((piece) => !text.push(piece));
  return { taken: refused === -1 ? pieces.length : refused, isWhole: refused === -1 && text.isWhole };
}

/** UTF-8 with any bytes changed: sometimes still UTF-8. */
const nearlyText = fc
  .tuple(
    fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => Buffer.from(text)),
    fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
  )
  .map(([bytes, changes]) => {
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

test("however text is cut, it is taken as a whole exactly when it is UTF-8", (t) => {
  fc.assert(
    fc.property(nearlyText, fc.array(fc.nat(200), { maxLength: 6 }), (bytes, places) => {
      t.is(check(cut(bytes, places)).isWhole, isUtf8(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("byte by byte, text is refused at the first byte behind which it can never be UTF-8", (t) => {
  const canGoOn = (start: Buffer) => ends.some((end) => isUtf8(Buffer.concat([start, end])));
  fc.assert(
    fc.property(nearlyText, (bytes) => {
      const first = bytes.findIndex((_, i) => !canGoOn(bytes.subarray(0, i + 1)));
      t.is(check(splitBytes(bytes)).taken, first === -1 ? bytes.length : first);
    }),
  );
});

/** One of them makes a whole character of any start of one. */
const ends = ["", "80", "bf", "8080", "bfbf", "808080", "bf8080", "9f80", "8f8080", "a080", "908080"].map(
  (hex) => Buffer.from(hex, "hex"),
);

for (const [what, hex] of [
  ["the beginning of an overlong slash", "c0"],
  ["an overlong slash of three bytes", "e080"],
  ["a surrogate", "eda0"],
  ["beyond U+10FFFF", "f490"],
  ["a lone continuation", "80"],
  ["a character that another interrupts", "e28261"],
] as const) {
  test(`${what} is refused with its last byte, in whatever piece that is`, (t) => {
    const bytes = Buffer.concat([Buffer.from("good"), Buffer.from(hex, "hex")]);
    t.is(check(splitBytes(bytes)).taken, bytes.length - 1);
    t.is(check([bytes]).taken, 0);
  });
}
