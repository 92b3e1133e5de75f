import test from "ava";
import fc from "fast-check";
import { FrameWriter } from "../../../sandbox/wire/frames.ts";
import { HostNonsense } from "../../../sandbox/wire/nonsense.ts";
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
  LoneResult,
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

test("a result without a text is read as one of a frame, and of another length as nonsense", (t) => {
  const lone = new LoneResult();
  const read: unknown[] = [];
  const onBody = createResultsDecoder(({ instance, id, kind, spentUs }) => {
    read.push([instance, id, kind, spentUs]);
  });
  const write = (one: Result): Buffer => {
    t.true(lone.isEmpty);
    lone.write(0xffff_fffe, recordsOf([one]), 12);
    t.false(lone.isEmpty);
    return lone.take();
  };
  const plain: Result = { id: 7, kind: RESULT_KIND.unchanged, text: "", session: undefined, binary: [] };
  for (const one of [plain, { ...plain, id: 8, kind: RESULT_KIND.pending }]) {
    const body = write(one);
    onBody(body, 0, body.length);
  }
  t.deepEqual(read, [
    [0xffff_fffe, 7, RESULT_KIND.unchanged, 12],
    [0xffff_fffe, 8, RESULT_KIND.pending, 12],
  ]);
  for (const wrong of [{ text: "a" }, { session: "a" }, { binary: [1] }, { id: -1 }, { kind: 99 as 0 }]) {
    const body = write({ ...plain, ...wrong });
    t.throws(() => onBody(body, 0, body.length), { instanceOf: HostNonsense });
  }
});

test("the guest's records stay as they are", (t) => {
  const results = [{ id: 1, kind: RESULT_KIND.text, text: "é€😀", session: "ü", binary: [] }];
  const records = recordsOf(results);
  const before = Buffer.from(records.bytes);
  encodeResults(new FrameWriter(), 1, { count: 1, records, text: "é€😀ü", binary: undefined, spentUs: 0 });
  t.deepEqual(Buffer.from(records.bytes), before);
});

const nonsense = { instanceOf: HostNonsense };

/** A frame with one good result of four bytes of text and three of binary: 20 bytes of head, 20 of the record, 7 more. */
function frameOf(change: (body: Buffer) => void): Buffer {
  const body = Buffer.alloc(47);
  for (const [i, value] of [1, 1, 4, 3, 100, 9, RESULT_KIND.message, 4, NO_SESSION, 3].entries())
    body.writeInt32LE(value, i * 4);
  change(body);
  return body;
}

test("what no frame of results can hold is refused, and nothing outside of the frame is read", (t) => {
  const read: string[] = [];
  const decode = createResultsDecoder((one) => read.push(stringOf(one) + binaryOf(one).length));
  const good = frameOf(() => {});
  decode(good, 0, good.length);
  t.is(read.length, 1);
  const int = (value: number, at: number) => frameOf((body) => body.writeInt32LE(value, at));
  const wrongs: Record<string, Buffer> = {
    "no results": int(0, 4),
    "too many results": int(MAX_RESULTS + 1, 4),
    "a count like a negative number": int(-1, 4),
    "more text than there is": int(5, 8),
    "less text than there is": int(3, 8),
    "more binary than there is": int(4, 12),
    "a negative id": int(-1, 20),
    "a kind that there is not": int(Math.max(...Object.values(RESULT_KIND)) + 1, 24),
    "a negative kind": int(-1, 24),
    "a negative text": int(-4, 28),
    "a longer text": int(5, 28),
    "a shorter text": int(3, 28),
    "a session below none": int(-2, 32),
    "a session where the text ends": int(1, 32),
    "an endless session": int(0x7fff_ffff, 32),
    "a negative binary": int(-3, 36),
    "a longer binary": int(4, 36),
  };
  for (const [what, bytes] of Object.entries(wrongs)) {
    read.length = 0;
    t.throws(() => decode(bytes, 0, bytes.length), nonsense, what);
    t.true(read.length <= 1 && read.every((one) => one.length <= 5), what);
  }
  for (let end = 0; end < good.length; end++) t.throws(() => decode(good, 0, end), nonsense, `cut at ${end}`);
});

test("whatever bytes come, results lie inside of their frame or are nonsense", (t) => {
  const ints = fc.oneof(fc.integer({ min: -3, max: 60 }), fc.integer());
  const change = fc.record({ at: fc.nat(46), value: ints });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), fc.nat(20), fc.nat(20), (changes, before, after) => {
      const body = frameOf((bytes) => {
        for (const { at, value } of changes) bytes.writeInt32LE(value, Math.min(at, 43));
      });
      const bytes = Buffer.concat([Buffer.alloc(before), body, Buffer.alloc(after)]);
      const [start, end] = [before, before + body.length];
      const decode = createResultsDecoder((one) => {
        t.true(one.textStart >= start + 40 && one.textStart + textBytesOf(one).length <= end);
        t.true(one.binaryStart >= start + 40 && one.binaryStart + binaryOf(one).length <= end);
        t.true((sessionOf(one)?.length ?? 0) <= body.length);
      });
      try {
        decode(bytes, start, end);
      } catch (error) {
        t.true(error instanceof HostNonsense, String(error));
      }
    }),
  );
});
