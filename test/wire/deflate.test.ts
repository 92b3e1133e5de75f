import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { deflateMessage, inflateMessage } from "../../core/wire/deflate.ts";

const minBytes = 1024;
const direction = { noContextTakeover: true, windowBits: 15 };
const large = 10_000_000;
const bytesOf = (result: ReturnType<typeof inflateMessage>) => ("bytes" in result ? result.bytes : undefined);
const codeOf = (result: ReturnType<typeof inflateMessage>) =>
  "fault" in result ? result.fault.code : undefined;

test("what is deflated is inflated back, at any window", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000, size: "max" }),
      fc.integer({ min: 9, max: 15 }),
      fc.nat(3),
      (bytes, windowBits, copies) => {
        const message = Buffer.concat(Array<Uint8Array>(copies + 1).fill(bytes));
        const compressed = deflateMessage(message, { noContextTakeover: true, windowBits }, minBytes);
        t.is(compressed === undefined, message.length < minBytes);
        if (compressed !== undefined) t.deepEqual(bytesOf(inflateMessage(compressed, large)), message);
      },
    ),
  );
});

test("a receiver with the negotiated window can read it", (t) => {
  const message = Buffer.concat([Buffer.from("needle"), Buffer.alloc(5000, "hay"), Buffer.from("needle")]);
  const compressed = deflateMessage(message, { noContextTakeover: true, windowBits: 9 }, minBytes);
  const input = Buffer.concat([compressed ?? Buffer.alloc(0), Buffer.of(0, 0, 0xff, 0xff)]);
  const inflated = inflateRawSync(input, { windowBits: 9, finishFlush: constants.Z_SYNC_FLUSH });
  t.deepEqual(inflated, message);
});

test("a window of 8 bits, which zlib cannot keep, goes uncompressed", (t) => {
  t.is(deflateMessage(Buffer.alloc(5000), { ...direction, windowBits: 8 }, minBytes), undefined);
});

test("the examples of RFC 7692 section 7.2.3", (t) => {
  const hello = Buffer.from("Hello");
  t.deepEqual(bytesOf(inflateMessage(Buffer.from("f248cdc9c90700", "hex"), large)), hello);
  // A block without compression; a final block and the octet behind it; two blocks.
  t.deepEqual(bytesOf(inflateMessage(Buffer.from("000500faff48656c6c6f00", "hex"), large)), hello);
  t.deepEqual(bytesOf(inflateMessage(Buffer.from("f348cdc9c9070000", "hex"), large)), hello);
  t.deepEqual(
    bytesOf(inflateMessage(Buffer.from("f248050000 00ffff cac9c90700".replaceAll(" ", ""), "hex"), large)),
    hello,
  );
  t.deepEqual(bytesOf(inflateMessage(Buffer.of(0), large)), Buffer.alloc(0));
});

test("the limit is on the inflated size: exactly it passes, one more is 1009", (t) => {
  const compressed = deflateMessage(Buffer.alloc(5000, 7), direction, minBytes) ?? Buffer.alloc(0);
  t.is(bytesOf(inflateMessage(compressed, 5000))?.length, 5000);
  t.is(codeOf(inflateMessage(compressed, 4999)), 1009);
});

test("a bomb is not inflated to its end", (t) => {
  const bomb = deflateMessage(Buffer.alloc(50_000_000), direction, minBytes) ?? Buffer.alloc(0);
  const before = process.memoryUsage().external;
  t.is(codeOf(inflateMessage(bomb, 1_000_000)), 1009);
  t.true(process.memoryUsage().external - before < 20_000_000);
});

test("what is not deflate is 1007", (t) => {
  t.is(codeOf(inflateMessage(Buffer.from("ffffffff", "hex"), large)), 1007);
});

test("text behind a final block is 1007: the policies would not see it, the receiver might", (t) => {
  const seen = deflateRawSync("harmless");
  const hidden = deflateRawSync("harmful", { finishFlush: constants.Z_SYNC_FLUSH });
  t.is(codeOf(inflateMessage(Buffer.concat([seen, hidden]), large)), 1007);
});

test("a message of minBytes is compressed, a shorter one is not; with 0 the empty one is", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, atLeast) => {
      const compressed = deflateMessage(bytes, direction, atLeast);
      t.is(compressed !== undefined, bytes.length >= atLeast);
      if (compressed !== undefined)
        t.deepEqual(bytesOf(inflateMessage(compressed, large)), Buffer.from(bytes));
    }),
  );
  t.deepEqual(
    bytesOf(inflateMessage(deflateMessage(new Uint8Array(0), direction, 0)!, large)),
    Buffer.alloc(0),
  );
});

test("the limit on the ratio: within it passes, above it is 1009 with a reason of its own", (t) => {
  const message = deflateMessage(Buffer.alloc(5000, 7), direction, minBytes)!;
  const ratio = 5000 / message.length;
  t.is(bytesOf(inflateMessage(message, large, Math.ceil(ratio)))?.length, 5000);
  t.deepEqual(inflateMessage(message, large, Math.floor(ratio)), {
    fault: { code: 1009, reason: "inflates too much" },
  });
  t.deepEqual(inflateMessage(message, 10, Math.floor(ratio)), {
    fault: { code: 1009, reason: "message too big" },
  });
});
