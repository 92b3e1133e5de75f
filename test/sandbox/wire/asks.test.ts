import test from "ava";
import fc from "fast-check";
import { ASK_KIND } from "../../../sandbox/wire/ask-texts.ts";
import { decodeAsk, encodeAsk } from "../../../sandbox/wire/asks.ts";
import { FrameWriter } from "../../../sandbox/wire/frames.ts";
import { bodiesOf } from "./sent.ts";

const ask = fc.record({
  instance: fc.nat(0xffff_ffff),
  id: fc.integer({ min: 1, max: 0x7fff_ffff }),
  kind: fc.constantFrom(...Object.values(ASK_KIND)),
  deadline: fc.double({ noNaN: true }),
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
