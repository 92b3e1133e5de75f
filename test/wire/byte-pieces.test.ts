import test from "ava";
import fc from "fast-check";
import { ByteCollector } from "../../core/wire/byte-collector.ts";
import { BytePieces } from "../../core/wire/byte-pieces.ts";

/** A chunk, and the piece of it that is kept. */
const pieces = fc.array(
  fc
    .record({ size: fc.nat(20_000), from: fc.nat(20_000), length: fc.nat(20_000) })
    .map(({ size, from, length }) => {
      const start = Math.min(from, size);
      return { size, start, end: Math.min(size, start + length) };
    }),
  { maxLength: 12 },
);

test("pieces come out as they went in, in memory at most twice their sum and a kibibyte for what is joined", (t) => {
  fc.assert(
    fc.property(pieces, (list) => {
      const kept = new BytePieces();
      const expected: Buffer[] = [];
      for (const [i, { size, start, end }] of list.entries()) {
        const chunk = Buffer.allocUnsafeSlow(size).fill(i + 1);
        expected.push(Buffer.from(chunk.subarray(start, end)));
        kept.append(chunk, start, end);
      }
      const taken = kept.take();
      t.true(Buffer.concat(taken).equals(Buffer.concat(expected)));
      for (const { buffer, length } of taken) t.true(buffer.byteLength <= Math.max(1024, length * 2));
      t.deepEqual(kept.take(), []);
    }),
  );
});

test("what is most of its chunk is not copied", (t) => {
  const kept = new BytePieces();
  const chunk = Buffer.allocUnsafeSlow(65_536);
  kept.append(chunk, 100, 65_536);
  kept.append(chunk, 0, 100);
  const [large, small] = kept.take();
  t.is(large?.buffer, chunk.buffer);
  t.not(small?.buffer, chunk.buffer);
});

test("pieces are joined in memory at most twice their sum, whatever is said to follow", (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ size: fc.nat(5000), following: fc.nat(1_000_000) })), (list) => {
      const collector = new ByteCollector();
      let sum = 0;
      for (const [i, { size, following }] of list.entries()) {
        const piece = collector.append(Buffer.alloc(size, i + 1), 0, size, following);
        sum += size;
        t.true(piece.equals(Buffer.alloc(size, i + 1)));
        t.true(piece.buffer.byteLength <= Math.max(1024, sum * 2));
      }
      const expected = list.map(({ size }, i) => Buffer.alloc(size, i + 1));
      t.true(collector.take().equals(Buffer.concat(expected)));
    }),
  );
});

test("a frame that comes in two pieces is joined without growing", (t) => {
  const collector = new ByteCollector();
  const frame = Buffer.alloc(65_536, 1);
  const { buffer } = collector.append(frame, 0, 40_000, 25_536);
  t.is(buffer.byteLength, 65_536);
  collector.append(frame, 40_000, 65_536, 0);
  t.is(collector.take().buffer, buffer);
});
