import test from "ava";
import fc from "fast-check";
import { parseClosePayload } from "../../core/wire/close-payload.ts";
import { RSV1 } from "../../core/wire/frame.ts";
import { encodeClose, encodeFrame, encodeHeader } from "../../core/wire/frame-encoder.ts";
import { frame, scanAll } from "./frames.ts";

for (const length of [0, 1, 125, 126, 127, 65535, 65536, 70_000]) {
  test(`a payload of ${length} bytes, masked and not`, (t) => {
    const payload = Buffer.alloc(length, "abcdefg");
    t.deepEqual(encodeFrame(2, payload, undefined), frame({ opcode: 2, payload }));
    const key = 0x8badf00d;
    t.deepEqual(
      encodeFrame(1 | RSV1, payload, () => key),
      frame({ opcode: 1, payload, rsv: 4, key }),
    );
    for (const keys of [undefined, () => key]) {
      const own = Buffer.from(payload);
      const header = encodeHeader(1, own, keys, Buffer.allocUnsafe);
      t.deepEqual(Buffer.concat([header, own]), encodeFrame(1, payload, keys));
    }
  });
}

test("what is encoded is scanned back", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.option(fc.integer({ min: 0, max: 0xffffffff }), { nil: undefined }),
      (payload, key) => {
        const bytes = encodeFrame(2, payload, key === undefined ? undefined : () => key);
        const { frames } = scanAll([bytes], { masked: key !== undefined });
        t.deepEqual(frames, [{ opcode: 2, fin: true, rsv1: false, payload: Buffer.from(payload) }]);
      },
    ),
  );
});

test("lengths above 32 bits", (t) => {
  // Four gigabytes are not needed to see the header: a payload that is long and holds nothing.
  const payload = { length: 2 ** 32 + 5 } as Uint8Array;
  const header = Buffer.alloc(10);
  const allocate = Buffer.allocUnsafe;
  Buffer.allocUnsafe = ((size: number) => {
    t.is(size, 2 ** 32 + 15);
    header.set = () => {};
    return header;
  }) as typeof Buffer.allocUnsafe;
  try {
    encodeFrame(2, payload, undefined);
  } finally {
    Buffer.allocUnsafe = allocate;
  }
  t.deepEqual([...header], [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 5]);
});

const closeOf = (bytes: Buffer) => parseClosePayload(scanAll([bytes]).frames[0]?.payload ?? Buffer.of(0));

test("a close without a code stays empty: 1005 is never on the wire", (t) => {
  t.deepEqual(encodeClose(undefined, "ignored", undefined), frame({ opcode: 8 }));
  t.deepEqual(closeOf(encodeClose(undefined, "", undefined)), { status: { code: undefined, reason: "" } });
});

for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]) {
  test(`close code ${code} is never sent`, (t) => {
    t.throws(() => encodeClose(code, "", undefined), {
      instanceOf: RangeError,
      message: new RegExp(`${code}`),
    });
  });
}

test("a reason is cut at a character's edge to what fits", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (reason) => {
      const bytes = encodeClose(1000, reason, undefined);
      t.true(bytes.length <= 2 + 125);
      const parsed = closeOf(bytes);
      t.true("status" in parsed && parsed.status.code === 1000 && reason.startsWith(parsed.status.reason));
      if (Buffer.byteLength(reason) <= 123) t.true("status" in parsed && parsed.status.reason === reason);
      else t.true(bytes.length > 2 + 125 - 4);
    }),
  );
});
