import test from "ava";
import fc from "fast-check";
import { applyMask, createMaskKeys } from "../../core/wire/mask.ts";
import { naiveMask } from "./frames.ts";

const key32 = fc.integer({ min: 0, max: 0xffffffff });

const place = fc.record({
  length: fc.oneof(fc.nat(20), fc.integer({ min: 250, max: 300 }), fc.constantFrom(1023, 4096)),
  /** Where the view begins in its memory, and the range in the view, on both sides. */
  sourceView: fc.nat(9),
  from: fc.nat(9),
  targetView: fc.nat(9),
  at: fc.nat(9),
  position: fc.nat(100_000),
});

const bytesOf = (key: number) => [key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255];

test("equals a loop over bytes for any length, alignment, key and position, and touches nothing else", (t) => {
  fc.assert(
    fc.property(place, key32, fc.nat(255), (where, key, seed) => {
      const { length, sourceView, from, targetView, at, position } = where;
      const source = new Uint8Array(new ArrayBuffer(sourceView + from + length + 8), sourceView);
      for (let i = 0; i < source.length; i++) source[i] = (i * 31 + seed) & 255;
      const before = Buffer.from(source);
      const target = new Uint8Array(new ArrayBuffer(targetView + at + length + 8), targetView).fill(0xee);

      applyMask(source, from, from + length, key, position, target, at);

      const expected = naiveMask(before.subarray(from, from + length), bytesOf(key), position);
      t.true(expected.equals(target.subarray(at, at + length)));
      t.true(before.equals(source));
      t.true(target.subarray(0, at).every((byte) => byte === 0xee));
      t.true(target.subarray(at + length).every((byte) => byte === 0xee));
    }),
  );
});

test("is its own inverse, in place", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), key32, fc.nat(7), (bytes, key, position) => {
      const copy = Uint8Array.from(bytes);
      applyMask(copy, 0, copy.length, key, position, copy, 0);
      applyMask(copy, 0, copy.length, key, position, copy, 0);
      t.deepEqual(copy, bytes);
    }),
  );
});

test("keys are 32 bits and do not repeat within or across the pool", (t) => {
  const next = createMaskKeys();
  const keys = Array.from({ length: 3000 }, next);
  t.true(keys.every((key) => Number.isInteger(key) && key >= 0 && key <= 0xffffffff));
  // 3,000 of 2^32 collide about once in 1,000 runs; twenty times in one run they do not.
  t.true(new Set(keys).size > 2980);
});
