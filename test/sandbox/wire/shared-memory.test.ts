import test from "ava";
import fc from "fast-check";
import { CALL_BYTES, type CallRecord, CallRecords, MAX_BATCH } from "../../../sandbox/wire/call-record.ts";
import { MAX_RESULTS, type ResultRecord } from "../../../sandbox/wire/result-record.ts";
import { SHARED_BYTES, SharedMemory } from "../../../sandbox/wire/shared-memory.ts";

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const length = fc.nat(2 ** 31 - 1);

const head = fc.record({
  ...{
    running: int32,
    begun: length,
    resultCount: length,
    binaryBytes: length,
    pending: length,
    late: length,
  },
  hasRunTimer: fc.boolean(),
  enteredAt: fc.double({ noNaN: true }),
});
const call = fc.record({
  ...{ id: int32, seat: length, op: fc.nat(255), textLength: length, size: length },
  ...{ isBinary: fc.boolean(), isWithheld: fc.boolean() },
  ...{ sequence: fc.nat(0xffff_ffff), time: fc.double({ noNaN: true }) },
});
const result = fc.record({
  ...{ id: int32, kind: fc.nat(7), textLength: length, sessionLength: int32, binaryLength: length },
});

function readCall(records: CallRecords, i: number): CallRecord {
  return {
    ...{ id: records.id(i), seat: records.seat(i), op: records.op(i) },
    ...{ isBinary: records.isBinary(i), isWithheld: records.isWithheld(i) },
    ...{ textLength: records.textLength(i), size: records.size(i) },
    ...{ sequence: records.sequence(i), time: records.time(i) },
  };
}

function readResult({ results }: SharedMemory, i: number): ResultRecord {
  return {
    ...{ id: results.id(i), kind: results.kind(i), textLength: results.textLength(i) },
    ...{ sessionLength: results.sessionLength(i), binaryLength: results.binaryLength(i) },
  };
}

test("what one side writes is what the other reads, and nothing lies over anything else", (t) => {
  fc.assert(
    fc.property(
      head,
      fc.array(call, { minLength: 1 }),
      fc.array(result, { minLength: 1 }),
      (head, calls, results) => {
        const memory = new SharedArrayBuffer(SHARED_BYTES);
        const writer = new SharedMemory(memory);
        // At both ends of their places, where they could reach into what is next to them.
        const lastCall = calls[calls.length - 1] as CallRecord;
        const lastResult = results[results.length - 1] as ResultRecord;
        for (const [i, record] of results.entries()) writer.results.write(i, record);
        writer.results.write(MAX_RESULTS - 1, lastResult);
        for (const [i, record] of calls.entries()) writer.calls.write(i, record);
        writer.calls.write(MAX_BATCH - 1, lastCall);
        Object.assign(writer, head);

        const reader = new SharedMemory(memory);
        t.deepEqual(
          calls.map((_, i) => readCall(reader.calls, i)),
          calls,
        );
        t.deepEqual(readCall(reader.calls, MAX_BATCH - 1), lastCall);
        t.deepEqual(
          results.map((_, i) => readResult(reader, i)),
          results,
        );
        t.deepEqual(readResult(reader, MAX_RESULTS - 1), lastResult);
        const { running, begun, resultCount, binaryBytes, pending, late, hasRunTimer, enteredAt } = reader;
        t.deepEqual(
          { running, begun, resultCount, binaryBytes, pending, late, hasRunTimer, enteredAt },
          head,
        );
      },
    ),
  );
});

test("records are taken over from any of them on", (t) => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), fc.nat(19), (calls, seed) => {
      const first = seed % calls.length;
      const own = new CallRecords(new ArrayBuffer(calls.length * CALL_BYTES), 0, calls.length);
      for (const [i, record] of calls.entries()) own.write(i, record);
      const memory = new SharedMemory(new SharedArrayBuffer(SHARED_BYTES));
      memory.calls.copyFrom(own, first);
      const rest = calls.slice(first);
      t.deepEqual(
        rest.map((_, i) => readCall(memory.calls, i)),
        rest,
      );
    }),
  );
});

test("an entry is unsealed until the guest has said how many results there are", (t) => {
  const memory = new SharedMemory(new SharedArrayBuffer(SHARED_BYTES));
  memory.unseal();
  t.true(memory.isUnsealed);
  memory.resultCount = 0;
  t.false(memory.isUnsealed);
});
