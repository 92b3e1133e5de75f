import { CALL_BYTES, CallRecords, isSeatOp } from "../wire/call-record.ts";
import type { ReceivedCalls } from "../wire/calls.ts";

/** Each call as if it had come alone, with what becomes of seats before it. */
export function splitCalls(calls: ReceivedCalls): readonly ReceivedCalls[] {
  const { instance, count, records, text, isAscii, binary } = calls;
  const parts: ReceivedCalls[] = [];
  let [first, textAt, binaryAt] = [0, 0, 0];
  let [textEnd, binaryEnd] = [0, 0];
  for (let i = 0; i < count; i++) {
    textEnd += records.textLength(i);
    binaryEnd += records.binaryLength(i);
    if (i < count - 1 && isSeatOp(records.op(i))) continue;
    const own = new CallRecords(new ArrayBuffer((i + 1 - first) * CALL_BYTES), 0, i + 1 - first);
    own.bytes.set(records.bytes.subarray(first * CALL_BYTES, (i + 1) * CALL_BYTES));
    parts.push({
      ...{ instance, count: i + 1 - first, records: own },
      ...{ text: text.slice(textAt, textEnd), isAscii },
      binary: binaryEnd > binaryAt ? binary?.subarray(binaryAt, binaryEnd) : undefined,
    });
    [first, textAt, binaryAt] = [i + 1, textEnd, binaryEnd];
  }
  return parts;
}
