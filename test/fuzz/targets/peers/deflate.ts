import assert from "node:assert/strict";
import fc from "fast-check";
import { inflateMessage, measureMessage } from "../../../../core/wire/deflate.ts";
import { MessageInflater } from "../../../../core/wire/message-inflater.ts";
import { deflateAlone } from "../../../support/peers/compressor.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const ALONE = { noContextTakeover: true, windowBits: 15 };

const data = nearly(
  fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => deflateAlone(bytes)),
    fc.string({ maxLength: 400 }).map((text) => deflateAlone(text)),
    fc.uint8Array({ maxLength: 60 }),
  ),
);

const BORDERS = [
  "",
  "00",
  "01",
  "1a050000",
  "1b050000",
  "f248cdc9c90700",
  "000500faff48656c6c6f00",
  "f348cdc9c9070000",
  "ffffffff",
];

/** Compressed data inflates within its limit, by itself and behind other messages, or is a fault. */
export const compressedData = defineTarget<{
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly most: number;
}>({
  name: "deflate",
  inputs: fc.record({ first: data, second: data, most: fc.integer({ min: 1, max: 2000 }) }),
  seeds: BORDERS.map((hex) => Buffer.from(hex, "hex")).map((bytes) => ({
    first: bytes,
    second: bytes,
    most: 1000,
  })),
  check({ first, second, most }) {
    const inflated = inflateMessage(Buffer.from(second), most);
    if ("bytes" in inflated) {
      const { length } = inflated.bytes;
      assert.ok(length <= most, `${length} bytes where ${most} are the most`);
      // Measured against any window it is as large as it is.
      assert.equal(measureMessage(Buffer.from(second), length || 1), undefined);
      if (length > 1) assert.equal(measureMessage(Buffer.from(second), length - 1)?.code, 1009);
    }
    const inflater = new MessageInflater(ALONE, most, 0);
    if ("fault" in inflater.inflate(Buffer.from(first))) return "the first is a fault";
    const behind = inflater.inflate(Buffer.from(second));
    if ("bytes" in inflated) {
      // What stands alone is the same behind whatever else.
      assert.ok("bytes" in behind && behind.standsAlone, "no message behind the first");
      assert.deepEqual(behind.bytes, inflated.bytes);
      return "inflated";
    }
    if ("bytes" in behind) assert.ok(!behind.standsAlone, "stands alone, and is a fault alone");
    return `fault ${inflated.fault.code}`;
  },
});
