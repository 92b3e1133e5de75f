import test from "ava";
import fc from "fast-check";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import {
  encodeBatchHead,
  FRAME_HEADER_BYTES,
  JSON_SIZE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPE,
  type RecordHead,
  readBatch,
  readBatchSize,
  readFrameBody,
  readFrames,
  readHeaders,
  readJsonRange,
  SIZE_BYTES,
  writeFrameHeader,
  writeJsonSize,
  writeRecordHead,
} from "../../../core/traffic/batch/layout.ts";
import { parseFirstByte } from "../../../core/wire/whole-frame.ts";
import { frame } from "../../wire/frames.ts";

const uint32 = fc.nat(0xffffffff);
const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

const heads: fc.Arbitrary<RecordHead> = fc.record({
  type: fc.constantFrom(...Object.values(RECORD_TYPE)),
  origin: fc.constantFrom("client" as const, "server" as const),
  route: fc.nat(0xffff),
  session: uint32,
  sequence: uint32,
  time: fc.double({ noNaN: true, min: -8.64e15, max: 8.64e15 }),
});

function recordOf(head: RecordHead, body: Buffer): Buffer {
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + body.length);
  writeRecordHead(bytes, 0, bytes.length, head);
  bytes.set(body, RECORD_HEADER_BYTES);
  return bytes;
}

/** Where the body of a lone record is. */
const whole = (body: Buffer) => ({
  type: RECORD_TYPE.json,
  origin: "client" as const,
  route: 0,
  session: 0,
  sequence: 0,
  time: 0,
  start: 0,
  end: body.length,
});

test("property: a batch's head and its records come out of their bytes as they went in", (t) => {
  fc.assert(
    fc.property(
      fc.record({
        bytes: bytesUpTo(200),
        records: uint32,
        dropped: uint32,
        worker: fc.string(),
        purpose: fc.constantFrom("store" as const, "log" as const),
        routes: fc.array(fc.string()),
      }),
      fc.option(fc.nat(), { nil: undefined }),
      (parts, mark) => {
        const batch: Batch = { ...parts, ...(mark !== undefined && { mark }) };
        const bytes = Buffer.concat([encodeBatchHead(batch), batch.bytes]);
        t.is(readBatchSize(bytes.subarray(0, SIZE_BYTES)), bytes.length);
        t.deepEqual(readBatch(bytes), batch);
      },
    ),
  );
});

test("property: records come out one behind the other, with their heads and bodies", (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(heads, bytesUpTo(50))), (records) => {
      const bytes = Buffer.concat(records.map(([head, body]) => recordOf(head, body)));
      const routes = Array.from({ length: 0x10000 }, () => "/");
      const batch = {
        bytes,
        routes,
        records: records.length,
        dropped: 0,
        worker: "",
        purpose: "store",
      } as const;
      const read = [...readHeaders(batch)].map(({ start, end, ...head }) => [
        head,
        Buffer.from(bytes.subarray(start, end)),
      ]);
      t.deepEqual(read, records);
    }),
  );
});

test("property: the body of a frame record", (t) => {
  fc.assert(
    fc.property(
      fc.record({ fin: fc.boolean(), rsv1: fc.boolean(), opcode: fc.nat(15), maskKey: uint32 }),
      fc.record({ isMasked: fc.boolean(), isDropped: fc.boolean() }),
      bytesUpTo(40),
      fc.nat(2 ** 40),
      (header, marks, kept, more) => {
        const body = Buffer.alloc(FRAME_HEADER_BYTES + kept.length, 0xff);
        const length = kept.length + more;
        writeFrameHeader(body, 0, { ...header, length }, marks);
        body.set(kept, FRAME_HEADER_BYTES);
        const { first, start, ...rest } = readFrameBody(body, whole(body));
        t.deepEqual(rest, { ...marks, maskKey: header.maskKey, length });
        t.deepEqual(parseFirstByte(first), { fin: header.fin, rsv1: header.rsv1, opcode: header.opcode });
        t.deepEqual(body.subarray(start), kept);
      },
    ),
  );
});

test("property: the frames of a run lie where they were on the wire", (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ payload: fc.string({ maxLength: 300 }), key: fc.option(uint32, { nil: undefined }) }),
      ),
      (specs) => {
        const bytes = Buffer.concat(
          specs.map(({ payload, key }) => frame({ opcode: 1, payload, ...(key !== undefined && { key }) })),
        );
        const frames = [...readFrames(bytes, whole(bytes))];
        t.deepEqual(
          frames.map(({ isMasked, maskKey, start, end }) => [isMasked, maskKey, end - start]),
          specs.map(({ payload, key }) => [key !== undefined, key ?? 0, Buffer.byteLength(payload)]),
        );
      },
    ),
  );
});

test("property: the JSON of a json record, and where its blobs begin", (t) => {
  fc.assert(
    fc.property(bytesUpTo(40), bytesUpTo(40), (json, blobs) => {
      const body = Buffer.alloc(JSON_SIZE_BYTES + json.length + blobs.length);
      writeJsonSize(body, 0, json.length);
      body.set(json, JSON_SIZE_BYTES);
      body.set(blobs, JSON_SIZE_BYTES + json.length);
      const { from, to } = readJsonRange(body, whole(body));
      t.deepEqual(body.subarray(from, to), json);
      t.deepEqual(body.subarray(to), blobs);
    }),
  );
});
