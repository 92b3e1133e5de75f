import test from "ava";
import fc from "fast-check";
import { decodeAnswer, encodeAnswer } from "../../../sandbox/wire/answers.ts";
import { FrameWriter } from "../../../sandbox/wire/frames.ts";
import { bodiesOf } from "./sent.ts";

const answer = fc.record({
  instance: fc.nat(0xffff_ffff),
  id: fc.integer({ min: 1, max: 0x7fff_ffff }),
  isGood: fc.boolean(),
  text: fc.oneof(fc.string(), fc.string({ unit: "grapheme" })),
  binary: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 }), { nil: undefined }),
});

test("answers come out as they went in", (t) => {
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      const out = new FrameWriter();
      for (const one of answers) encodeAnswer(out, one.instance, one);
      t.deepEqual(bodiesOf(out, decodeAnswer), answers);
    }),
  );
});

test("behind the bytes of an answer there is nothing else: the guest is given all of it", (t) => {
  const out = new FrameWriter();
  encodeAnswer(out, 1, { id: 1, isGood: true, text: "text", binary: Uint8Array.of(1, 2, 3) });
  const [read] = bodiesOf(out, decodeAnswer);
  t.is(read?.binary?.buffer.byteLength, 3);
});
