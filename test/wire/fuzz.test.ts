import { readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { inflateMessage, measureMessage } from "../../core/wire/deflate.ts";
import { MessageInflater } from "../../core/wire/message-inflater.ts";
import { createRig, HeldSeat, sameOnBoth } from "../session/relay/pump-rig.ts";
import { deflateAlone } from "../support/peers/compressor.ts";
import { closeBody, cut, type FrameSpec, frame, scanAll } from "./frames.ts";

/**
 * Any bytes, from nearly right frames to noise, are read without an exception, in bounded memory, and the same however
 * they are cut. `FUZZ_RUNS` says how many; a run that failed is repeated with the seed that it printed, as `FUZZ_SEED`.
 * What once failed is in fuzz-corpus.json, and tried first.
 */

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const MOST = 5000;
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const corpus = JSON.parse(readFileSync(new URL("fuzz-corpus.json", import.meta.url), "utf8")) as Readonly<
  Record<"frames" | "deflate", readonly string[]>
>;
const examplesOf = (part: keyof typeof corpus) => corpus[part].map((hex) => Buffer.from(hex, "hex"));

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => Buffer.from(text)),
  fc.constantFrom(closeBody(1000), closeBody(1005), Buffer.of(3), Buffer.alloc(125), Buffer.alloc(126)),
  fc.string().map((text) => deflateAlone(text)),
  fc.constant(deflateAlone(Buffer.alloc(MOST * 2))),
);

const frames: fc.Arbitrary<FrameSpec> = fc.record({
  opcode: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 0, 1, 1, 2, 9, 10) },
    { weight: 1, arbitrary: fc.nat(15) },
  ),
  payload,
  fin: fc.boolean(),
  rsv: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, 0, 4) }, { weight: 1, arbitrary: fc.nat(7) }),
});

/** Frames of which a few bytes may have been changed. */
const streams = fc
  .tuple(
    fc.array(frames, { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
  )
  .map(([specs, changes]) => {
    const bytes = Buffer.concat(specs.map(frame));
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

const shared = { noContextTakeover: false, windowBits: 15 };
const alone = { noContextTakeover: true, windowBits: 15 };
const setUps = fc.record({
  deflate: fc.constantFrom(undefined, shared, alone),
  isRead: fc.boolean(),
});

/** What a receiver gets of these bytes, and what the pump's owner is told. */
function pump(
  chunks: readonly Buffer[],
  { deflate, isRead }: { deflate: typeof shared | undefined; isRead: boolean },
) {
  const rig = createRig({
    deflate: sameOnBoth(deflate),
    limits: { maxMessageBytes: MOST, maxFrameBytes: 0 },
  });
  const seat = new HeldSeat();
  if (isRead) rig.chain = [seat];
  for (const chunk of chunks) if (chunk.length > 0) rig.receive(chunk);
  const sizes = seat.calls.map((call) => call.payload.bytes.length);
  while (seat.calls.length > 0) seat.settle({ kind: "unchanged" });
  return { sent: rig.bytes(), told: rig.told, sizes };
}

test(`any bytes are read the same however they are cut, and what goes on is a stream of frames (seed ${seed})`, (t) => {
  t.timeout(60_000 + RUNS * 50);
  fc.assert(
    fc.property(streams, fc.array(fc.nat(3000), { maxLength: 8 }), setUps, (bytes, places, setUp) => {
      const whole = pump([bytes], setUp);
      const inPieces = pump(cut(bytes, places), setUp);
      t.deepEqual(inPieces.told, whole.told);
      if (whole.told.length > 0) t.true(inPieces.sent.equals(whole.sent));
      for (const size of whole.sizes) t.true(size <= MOST);
      const { fault } = scanAll([whole.sent], { allowRsv1: setUp.deflate !== undefined });
      t.is(fault, undefined);
    }),
    {
      numRuns: RUNS,
      seed,
      examples: examplesOf("frames").flatMap((bytes) =>
        [undefined, shared, alone].flatMap((deflate) =>
          [true, false].map(
            (isRead): [Buffer, number[], { deflate: typeof shared | undefined; isRead: boolean }] => [
              bytes,
              [1, 2, 3, 7, 20],
              { deflate, isRead },
            ],
          ),
        ),
      ),
    },
  );
});

const nearlyDeflate = fc
  .tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => deflateAlone(bytes)),
      fc.string({ maxLength: 400 }).map((text) => deflateAlone(text)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    ),
    fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
  )
  .map(([bytes, changes]) => {
    const changed = Buffer.from(bytes);
    for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
    return changed;
  });

test(`any compressed data inflates within its limit, by itself and behind other messages, or is a fault (seed ${seed})`, (t) => {
  t.timeout(60_000 + RUNS * 50);
  fc.assert(
    fc.property(nearlyDeflate, nearlyDeflate, fc.integer({ min: 1, max: 2000 }), (first, second, most) => {
      const inflated = inflateMessage(second, most);
      if ("bytes" in inflated) {
        t.true(inflated.bytes.length <= most);
        // Measured against any window it is as large as it is.
        t.is(measureMessage(second, inflated.bytes.length || 1), undefined);
        if (inflated.bytes.length > 1) t.is(measureMessage(second, inflated.bytes.length - 1)?.code, 1009);
      }
      const inflater = new MessageInflater(alone, most, 0);
      if ("fault" in inflater.inflate(first)) return;
      const behind = inflater.inflate(second);
      // What stands alone is the same behind whatever else.
      if ("bytes" in inflated) t.like(behind, { bytes: inflated.bytes, standsAlone: true });
      else if ("bytes" in behind) t.false(behind.standsAlone);
    }),
    {
      numRuns: RUNS * 3,
      seed,
      examples: examplesOf("deflate").map((bytes): [Buffer, Buffer, number] => [bytes, bytes, 1000]),
    },
  );
});
