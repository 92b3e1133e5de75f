import test from "ava";
import fc from "fast-check";
import { ASK_KIND } from "../../../sandbox/wire/ask-texts.ts";
import { decodeAsk, encodeAsk } from "../../../sandbox/wire/asks.ts";
import { FrameWriter } from "../../../sandbox/wire/frames.ts";
import { HostNonsense } from "../../../sandbox/wire/nonsense.ts";
import { bodiesOf } from "./sent.ts";

const ask = fc.record({
  instance: fc.nat(0xffff_ffff),
  id: fc.integer({ min: 1, max: 0x7fff_ffff }),
  kind: fc.constantFrom(ASK_KIND.cancel, ASK_KIND.fetch, ASK_KIND.kv, ASK_KIND.secret),
  deadline: fc.double({ noNaN: true, noDefaultInfinity: true }),
  text: fc.oneof(fc.string(), fc.string({ unit: "grapheme" })),
  binary: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 }), { nil: undefined }),
});

test("asks come out as they went in", (t) => {
  fc.assert(
    fc.property(fc.array(ask), (asks) => {
      const out = new FrameWriter();
      for (const one of asks) encodeAsk(out, one.instance, one);
      t.deepEqual(bodiesOf(out, decodeAsk), asks);
    }),
  );
});

const HEAD = 24;

test("what no ask can be is refused, and nothing outside of the frame is read", (t) => {
  const right = { id: 1, kind: ASK_KIND.kv as number, deadline: 5, textBytes: 2 };
  const decode = (change: Partial<typeof right>, length = HEAD + 2) => {
    const { id, kind, deadline, textBytes } = { ...right, ...change };
    const bytes = Buffer.alloc(HEAD + 40, "x");
    bytes.writeUInt32LE(id >>> 0, 4);
    bytes.writeUInt32LE(kind, 8);
    bytes.writeDoubleLE(deadline, 12);
    bytes.writeUInt32LE(textBytes, 20);
    return decodeAsk(bytes, 0, length);
  };
  t.is(decode({}).text, "xx");
  const wrongs = [
    { id: 0 },
    { id: -1 },
    { kind: ASK_KIND.subtle },
    { kind: 99 },
    { deadline: Number.NaN },
    { deadline: Number.POSITIVE_INFINITY },
    { textBytes: 3 },
    { textBytes: 0xffff_ffff },
  ];
  for (const wrong of wrongs)
    t.throws(() => decode(wrong), { instanceOf: HostNonsense }, JSON.stringify(wrong));
  for (let length = 0; length < HEAD; length++)
    t.throws(() => decode({}, length), { instanceOf: HostNonsense });
});

test("whatever bytes come, an ask lies inside of its frame or is nonsense", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), (bytes, end) => {
      try {
        const { text, binary } = decodeAsk(Buffer.from(bytes), 0, Math.min(end, bytes.length));
        t.true(text.length + (binary?.length ?? 0) <= end - HEAD);
      } catch (error) {
        t.true(error instanceof HostNonsense, String(error));
      }
    }),
  );
});
