import test from "ava";
import { CallBatch } from "../../../sandbox/host/call-batch.ts";
import { CallRecords } from "../../../sandbox/wire/call-record.ts";

const records = new CallRecords(new ArrayBuffer(0), 0, 0);

function isBoxed(length: number, isAscii: boolean): boolean {
  const text = "x".repeat(length);
  const batch = new CallBatch({ instance: 1, count: 0, records, text, isAscii, binary: undefined }, false);
  return typeof batch.text !== "string";
}

test("a text is boxed where isolated-vm would make an external string of it, and no serializer runs out of room", (t) => {
  t.deepEqual(
    [1023, 1024, 96 * 1024, 96 * 1024 + 1].map((length) => isBoxed(length, true)),
    [false, true, true, false],
  );
  t.deepEqual(
    [1023, 1024, 32 * 1024, 32 * 1024 + 1].map((length) => isBoxed(length, false)),
    [false, true, true, false],
  );
});
