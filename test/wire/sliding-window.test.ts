import test from "ava";
import fc from "fast-check";
import { SlidingWindow } from "../../core/wire/sliding-window.ts";

test("a window holds the last bytes of all that came, whatever the pieces", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 30 })),
      fc.integer({ min: 1, max: 40 }),
      (pieces, most) => {
        const window = new SlidingWindow(most);
        for (const piece of pieces) window.push(piece);
        t.deepEqual(window.bytes, Buffer.concat(pieces).subarray(-most));
      },
    ),
  );
});

test("a window takes as much memory as there is to hold, and never more than it may", (t) => {
  const window = new SlidingWindow(1000);
  t.is(window.bytes.buffer.byteLength, 0);
  window.push(Buffer.alloc(10));
  t.is(window.bytes.buffer.byteLength, 10);
  for (let i = 0; i < 500; i++) window.push(Buffer.alloc(7));
  window.push(Buffer.alloc(100_000));
  t.is(window.bytes.buffer.byteLength, 1000);
});
