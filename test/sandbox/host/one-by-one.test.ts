import test from "ava";
import fc from "fast-check";
import { splitCalls } from "../../../sandbox/host/one-by-one.ts";
import { CALL_BYTES, CallRecords, SEAT_OP } from "../../../sandbox/wire/call-record.ts";
import type { ReceivedCalls } from "../../../sandbox/wire/calls.ts";

const CLIENT = 1;
const record = fc.record({
  op: fc.constantFrom<number>(CLIENT, CLIENT, SEAT_OP.open, SEAT_OP.update, SEAT_OP.close),
  isBinary: fc.boolean(),
  isWithheld: fc.boolean(),
  length: fc.nat(5),
});

interface Read {
  readonly id: number;
  readonly op: number;
  readonly body: string;
}

function read({ count, records, text, binary = new Uint8Array(0) }: ReceivedCalls): Read[] {
  let [textAt, binaryAt] = [0, 0];
  return Array.from({ length: count }, (_, i) => {
    const length = records.textLength(i);
    const own = text.slice(textAt, textAt + length);
    textAt += length;
    const size = records.isBinary(i) && !records.isWithheld(i) ? records.size(i) : 0;
    const bytes = [...binary.subarray(binaryAt, binaryAt + size)].join();
    binaryAt += size;
    return { id: records.id(i), op: records.op(i), body: `${own}${bytes}` };
  });
}

test("each part has one call at most, and together they are what came", (t) => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (ones) => {
      const records = new CallRecords(new ArrayBuffer(ones.length * CALL_BYTES), 0, ones.length);
      let text = "";
      const bytes: number[] = [];
      for (const [i, { op, isBinary: mayBeBinary, isWithheld: mayBeWithheld, length }] of ones.entries()) {
        const isBinary = mayBeBinary && op === CLIENT;
        const rest = { seat: i, sequence: i, time: i, size: length };
        const isWithheld = mayBeWithheld && op === CLIENT;
        const textLength = isBinary || isWithheld ? 0 : length;
        records.write(i, { id: i, op, isBinary, isWithheld, textLength, ...rest });
        if (isWithheld) continue;
        if (isBinary) for (let n = 0; n < length; n++) bytes.push(i);
        else text += String.fromCharCode(97 + i).repeat(length);
      }
      const binary = bytes.length === 0 ? undefined : Uint8Array.from(bytes);
      const whole = { instance: 7, count: ones.length, records, text, isAscii: true, binary };
      const parts = splitCalls(whole);
      for (const part of parts) {
        t.true(read(part).filter(({ op }) => op === CLIENT).length <= 1);
        t.is(part.instance, 7);
      }
      t.deepEqual(parts.flatMap(read), read(whole));
    }),
  );
});
