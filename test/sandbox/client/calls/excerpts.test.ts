import test from "ava";
import fc from "fast-check";
import { fillExcerpts } from "../../../../sandbox/client/calls/excerpts.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";

const place = fc.oneof(fc.nat(70).map(String), fc.constantFrom("", "-1", "1e1", " 3", "99999999999", "0x1"));
const mark = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(place, place, fc.boolean())
      .map(([from, to, isInUnits]) =>
        isInUnits ? `\u0001${from},${to}\u0003` : `\u0001${from},${to}\u0002`,
      ),
  },
  { weight: 1, arbitrary: fc.constantFrom("\u0001", "\u0002", "\u00011,2", "\u0001,\u0002", "text é") },
);

test("property: excerpts of which a host says nonsense are none, and what leaves is UTF-8", (t) => {
  const bytes = Buffer.from("añ€😀".repeat(6));
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 4 }), (marks) => {
      try {
        const body = fillExcerpts({ payload: { binary: false, bytes } }, Buffer.from(marks.join(",")), 100);
        t.true(
          body.length <= 100 && body.toString() === new TextDecoder("utf-8", { fatal: true }).decode(body),
        );
      } catch (error) {
        t.true(error instanceof HostNonsense, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("excerpts are few, of something, of a text, and together with what is around them no longer than a body", (t) => {
  const bytes = Buffer.from("x".repeat(300));
  const fill = (text: string, binary = false) =>
    fillExcerpts({ payload: { binary, bytes } }, Buffer.from(text), 100).toString();
  const one = "\u00017,8\u0002";
  t.is(fill(`[${one}]`), "[x]");
  t.is(fill(one.repeat(16)), "x".repeat(16));
  t.is(fill("\u00010,100\u0002"), "x".repeat(100));
  const refuses = (text: string, of: RegExp, binary = false) =>
    t.regex(t.throws(() => fill(text, binary), { instanceOf: HostNonsense })?.message ?? "", of, text);
  refuses(`[${one}]`, /a message with excerpts to be text/, true);
  refuses("\u00017,7\u0002", /to lie in the message/);
  refuses("\u00010,101\u0002", /with its excerpts to be at most 100 bytes, got/);
  refuses("x".repeat(101), /but for its excerpts to be at most 100 bytes, got/);
  const short = Buffer.from("aé€😀b");
  const places = Array.from({ length: 7 }, (_, at) => at);
  const ofUnits = (from: number, to: number) =>
    fillExcerpts(
      { payload: { binary: false, bytes: short } },
      Buffer.from(`\u0001${from},${to}\u0003`),
      100,
    ).toString();
  for (const from of places)
    for (const to of places) {
      // The smile is of two units, at 3.
      const isPart = from < to && from !== 4 && to !== 4;
      if (isPart) t.is(ofUnits(from, to), "aé€😀b".slice(from, to));
      else t.throws(() => ofUnits(from, to), { instanceOf: HostNonsense });
    }
  t.throws(() => ofUnits(0, 7), { instanceOf: HostNonsense });
  const many = Buffer.from(one.repeat(64));
  const filled = fillExcerpts({ payload: { binary: false, bytes } }, many, 1000);
  t.is(filled.toString(), "x".repeat(64));
  t.throws(() => fillExcerpts({ payload: { binary: false, bytes } }, Buffer.from(one.repeat(65)), 1000), {
    message: /expected excerpts to be at most 64/,
  });
});
