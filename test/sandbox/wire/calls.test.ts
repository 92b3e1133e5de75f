import test from "ava";
import fc from "fast-check";
import { CALL_BYTES, CallRecords, NO_CALL, SEAT_OP } from "../../../sandbox/wire/call-record.ts";
import { CallsEncoder, decodeCalls, type ReceivedCalls } from "../../../sandbox/wire/calls.ts";
import { FRAME_KIND, FrameWriter } from "../../../sandbox/wire/frames.ts";
import { HOOK_NAMES } from "../../../sandbox/wire/hooks.ts";
import { bodiesOf } from "./sent.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const id = fc.nat(0x7fff_ffff);
const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
const payload = fc.oneof(
  text.map((text) => ({ binary: false, bytes: Buffer.from(text) })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ binary: true, bytes: Buffer.from(bytes) })),
);

const open = fc.record({ op: fc.constant(SEAT_OP.open), seat: id, opening: text });
const update = fc.record({ op: fc.constant(SEAT_OP.update), seat: id, opening: text });
const close = fc.record({ op: fc.constant(SEAT_OP.close), seat: id });
const call = fc.record({
  op: fc.nat(HOOK_NAMES.length - 1),
  ...{ id, seat: id, payload, isWithheld: fc.boolean(), sequence: uint32, time: fc.double({ noNaN: true }) },
});

type SentCall = typeof call extends fc.Arbitrary<infer One> ? One : never;

/** What the guest is to make of each. */
function expected(one: { readonly op: number; readonly seat: number }) {
  const record = {
    id: NO_CALL,
    text: "",
    binary: undefined,
    isWithheld: false,
    size: 0,
    sequence: 0,
    time: 0,
  };
  if (!("payload" in one)) {
    return { ...record, op: one.op, seat: one.seat, ...("opening" in one && { text: one.opening }) };
  }
  const { payload, ...rest } = one as SentCall;
  const { binary, bytes } = payload;
  const here = rest.isWithheld ? Buffer.of() : bytes;
  const body = binary ? { binary: [...here] } : { text: here.toString() };
  return { ...record, ...rest, ...body, size: bytes.length };
}

function cut({ count, records, text, binary }: ReceivedCalls) {
  let textAt = 0;
  let binaryAt = 0;
  return Array.from({ length: count }, (_, i) => {
    const size = records.size(i);
    const isBinary = records.isBinary(i);
    const own = text.slice(textAt, textAt + records.textLength(i));
    const binaryEnd = binaryAt + records.binaryLength(i);
    const bytes = isBinary ? [...(binary?.subarray(binaryAt, binaryEnd) ?? [])] : undefined;
    textAt += own.length;
    binaryAt = binaryEnd;
    return {
      ...{ id: records.id(i), seat: records.seat(i), op: records.op(i), text: own, binary: bytes, size },
      isWithheld: records.isWithheld(i),
      ...{ sequence: records.sequence(i), time: records.time(i) },
    };
  });
}

type One = SentCall | { readonly op: number; readonly seat: number; readonly opening?: string };

function add(encoder: CallsEncoder, one: One): void {
  if ("payload" in one) {
    if (one.isWithheld) encoder.callWithheld(one.id, one.seat, one.op, one);
    else encoder.call(one.id, one.seat, one.op, one);
  } else if (one.opening === undefined) encoder.closeSeat(one.seat);
  else if (one.op === SEAT_OP.open) encoder.openSeat(one.seat, one.opening);
  else encoder.updateSeat(one.seat, one.opening);
}

test("what was collected for an isolate comes out as it went in, batch after batch", (t) => {
  const batch = fc.array(fc.oneof(open, update, close, call), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(uint32, batch)), fc.nat(7), (batches, shift) => {
      const out = new FrameWriter();
      const encoder = new CallsEncoder();
      for (const [instance, ones] of batches) {
        for (const one of ones) add(encoder, one);
        t.is(encoder.count, ones.length);
        encoder.finish(out, FRAME_KIND.calls, instance);
        t.is(encoder.count + encoder.payloadBytes, 0);
      }
      const read = bodiesOf(out, decodeCalls, shift).map((calls) => [calls.instance, cut(calls)]);
      t.deepEqual(
        read,
        batches.map(([instance, ones]) => [instance, ones.map(expected)]),
      );
    }),
  );
});

test("a call that is alone comes out without a frame as it does with one, and what is more does not", (t) => {
  const records = new CallRecords(new ArrayBuffer(CALL_BYTES), 0, 1);
  const encoder = new CallsEncoder();
  const batch = fc.oneof(
    fc.tuple(call),
    fc.array(fc.oneof(open, update, close, call), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(uint32, batch)), (batches) => {
      for (const [instance, ones] of batches) {
        for (const one of ones) add(encoder, one);
        const lone = encoder.takeLone(instance, records);
        const isLone = ones.length === 1 && "payload" in (ones[0] as One);
        t.is(lone !== undefined, isLone);
        if (lone === undefined) encoder.finish(new FrameWriter(), FRAME_KIND.calls, instance);
        else t.deepEqual([lone.instance, cut(lone)], [instance, ones.map(expected)]);
        t.is(encoder.count + encoder.payloadBytes, 0);
      }
    }),
  );
});
