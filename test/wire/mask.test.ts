import test from "ava";
import fc from "fast-check";
import { applyMask, copyMasked, createMaskKeys, turnKey } from "../../core/wire/mask.ts";
import { openWideMask } from "../../core/wire/wide-mask.ts";
import { naiveMask } from "./frames.ts";

const key32 = fc.integer({ min: 0, max: 0xffffffff });

const place = fc.record({
  length: fc.oneof(
    fc.nat(20),
    fc.integer({ min: 250, max: 300 }),
    fc.constantFrom(1023, 1024, 4097, 16_384, 16_385, 50_001),
  ),
  /** Where the view begins in its memory, and the range in the view. */
  view: fc.nat(9),
  from: fc.nat(9),
  position: fc.nat(100_000),
});

const bytesOf = (key: number) => [key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255];

test("equals a loop over bytes for any length, alignment, key and position, and touches nothing else", (t) => {
  fc.assert(
    fc.property(place, key32, fc.nat(255), (where, key, seed) => {
      const { length, view, from, position } = where;
      const to = from + length;
      const bytes = new Uint8Array(new ArrayBuffer(view + to + 8), view);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + seed) & 255;
      const before = Buffer.from(bytes);

      applyMask(bytes, from, to, turnKey(key, position));

      t.true(naiveMask(before.subarray(from, to), bytesOf(key), position).equals(bytes.subarray(from, to)));
      t.true(before.subarray(0, from).equals(bytes.subarray(0, from)));
      t.true(before.subarray(to).equals(bytes.subarray(to)));
    }),
  );
});

test("a masked copy is what masking makes of a copy, and nothing else is touched, nor what is copied", (t) => {
  fc.assert(
    fc.property(place, key32, fc.nat(255), ({ length, view, from }, key, seed) => {
      const bytes = new Uint8Array(new ArrayBuffer(view + length), view).map((_, i) => (i * 31 + seed) & 255);
      const into = new Uint8Array(from + length + 8).fill(seed);

      copyMasked(bytes, into, from, key);

      const masked = naiveMask(Buffer.from(bytes), bytesOf(key), 0);
      t.true(masked.equals(into.subarray(from, from + length)));
      t.true([...into.subarray(0, from), ...into.subarray(from + length)].every((byte) => byte === seed));
      t.true(bytes.every((byte, i) => byte === ((i * 31 + seed) & 255)));
    }),
  );
});

test("is its own inverse, in place", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), key32, fc.nat(7), (bytes, key, position) => {
      const copy = Uint8Array.from(bytes);
      applyMask(copy, 0, copy.length, turnKey(key, position));
      applyMask(copy, 0, copy.length, turnKey(key, position));
      t.deepEqual(copy, bytes);
    }),
  );
});

test.serial("where there is no WebAssembly, or no room for its memory, there is no wide mask", (t) => {
  const { WebAssembly: all } = globalThis;
  t.teardown(() => Object.assign(globalThis, { WebAssembly: all }));
  Object.assign(globalThis, { WebAssembly: undefined });
  t.is(openWideMask(), undefined);
  Object.assign(globalThis, { WebAssembly: all });
  t.not(openWideMask(), undefined);
});

test("keys are 32 bits and do not repeat within or across the pool", (t) => {
  const next = createMaskKeys();
  const keys = Array.from({ length: 3000 }, next);
  t.true(keys.every((key) => Number.isInteger(key) && key >= 0 && key <= 0xffffffff));
  // 3,000 of 2^32 collide about once in 1,000 runs; twenty times in one run they do not.
  t.true(new Set(keys).size > 2980);
});
