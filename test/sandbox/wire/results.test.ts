import test from "ava";
import fc from "fast-check";
import { FrameWriter } from "../../../sandbox/wire/frames.ts";
import {
  MAX_RESULTS,
  NO_SESSION,
  RESULT_BYTES,
  RESULT_KIND,
  ResultRecords,
} from "../../../sandbox/wire/result-record.ts";
import {
  binaryOf,
  createResultsDecoder,
  encodeResults,
  sessionOf,
  stringOf,
  textBytesOf,
} from "../../../sandbox/wire/results.ts";
import { bodiesOf } from "./sent.ts";

const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
const result = fc.record({
  id: fc.nat(0x7fff_ffff),
  kind: fc.constantFrom(...Object.values(RESULT_KIND)),
  text,
  session: fc.option(text, { nil: undefined }),
  binary: fc.uint8Array({ maxLength: 40 }).map((bytes) => [...bytes]),
});
const entry = fc.record({
  instance: fc.nat(0xffff_ffff),
  spentUs: fc.nat(0xffff_ffff),
  results: fc.array(result, { minLength: 1, maxLength: 20 }),
});

type Result = typeof result extends fc.Arbitrary<infer T> ? T : never;

/** As the guest leaves them. */
function recordsOf(results: readonly Result[]): ResultRecords {
  const records = new ResultRecords(new SharedArrayBuffer(MAX_RESULTS * RESULT_BYTES), 0, MAX_RESULTS);
  for (const [i, { id, kind, text, session, binary }] of results.entries()) {
    const sessionLength = session?.length ?? NO_SESSION;
    records.write(i, { id, kind, textLength: text.length, sessionLength, binaryLength: binary.length });
  }
  return records;
}

test("what an entry has left comes out as it went in, entry after entry", (t) => {
  fc.assert(
    fc.property(fc.array(entry), fc.nat(7), (entries, shift) => {
      const out = new FrameWriter();
      for (const { instance, spentUs, results } of entries) {
        const records = recordsOf(results);
        const text = results.map(({ text, session = "" }) => text + session).join("");
        const binary = Uint8Array.from(results.flatMap(({ binary }) => binary));
        encodeResults(out, instance, { count: results.length, records, text, binary, spentUs });
      }
      const read: unknown[] = [];
      const onFrame = createResultsDecoder((one) => {
        t.is(Buffer.from(textBytesOf(one)).toString(), stringOf(one));
        read.push({
          ...{ instance: one.instance, spentUs: one.spentUs, id: one.id, kind: one.kind },
          ...{ text: stringOf(one), session: sessionOf(one), binary: [...binaryOf(one)] },
        });
      });
      bodiesOf(out, onFrame, shift);
      const expected = entries.flatMap(({ instance, spentUs, results }) =>
        results.map((one) => ({ ...one, instance, spentUs: spentUs / results.length })),
      );
      t.deepEqual(read, expected);
    }),
  );
});

test("the guest's records stay as they are", (t) => {
  const results = [{ id: 1, kind: RESULT_KIND.text, text: "é€😀", session: "ü", binary: [] }];
  const records = recordsOf(results);
  const before = Buffer.from(records.bytes);
  encodeResults(new FrameWriter(), 1, { count: 1, records, text: "é€😀ü", binary: undefined, spentUs: 0 });
  t.deepEqual(Buffer.from(records.bytes), before);
});

test("a count that no frame can have is refused", (t) => {
  const read = createResultsDecoder(() => t.fail());
  const body = Buffer.alloc(RESULT_BYTES * (MAX_RESULTS + 2));
  body.writeUInt32LE(MAX_RESULTS + 1, 4);
  t.throws(() => read(body, 0), { instanceOf: RangeError });
  body.writeUInt32LE(2, 4);
  t.throws(() => read(body.subarray(0, 30), 0), { instanceOf: RangeError });
});
