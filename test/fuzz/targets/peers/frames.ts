import assert from "node:assert/strict";
import fc from "fast-check";
import { createRig, HeldSeat, sameOnBoth } from "../../../session/relay/pump-rig.ts";
import { deflateAlone } from "../../../support/peers/compressor.ts";
import { closeBody, cut, type FrameSpec, frame, scanAll } from "../../../wire/frames.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const MOST = 5000;

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

const streams = fc.array(frames, { maxLength: 8 }).map((specs) => Buffer.concat(specs.map(frame)));

const DEFLATES = {
  none: undefined,
  shared: { noContextTakeover: false, windowBits: 15 },
  alone: { noContextTakeover: true, windowBits: 15 },
} as const;

interface Input {
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
  readonly deflate: keyof typeof DEFLATES;
  /** By a policy. */
  readonly isRead: boolean;
}

const BORDERS = [
  "",
  "81",
  "ffff",
  "8180",
  "4100",
  "c100",
  "0180",
  "010000008000",
  "827f7fffffffffffffff",
  "88020fa0",
  "880103",
  "8101ff",
  "0101e2800182",
];

/** What a receiver gets of these bytes, and what the pump's owner is told. */
function pump(chunks: readonly Buffer[], { deflate, isRead }: Pick<Input, "deflate" | "isRead">) {
  const limits = { maxMessageBytes: MOST, maxFrameBytes: 0 };
  const rig = createRig({ deflate: sameOnBoth(DEFLATES[deflate]), limits });
  const seat = new HeldSeat();
  if (isRead) rig.chain = [seat];
  for (const chunk of chunks) if (chunk.length > 0) rig.receive(chunk);
  const sizes = seat.calls.map((call) => call.payload.bytes.length);
  while (seat.calls.length > 0) seat.settle({ kind: "unchanged" });
  return { sent: rig.bytes(), told: rig.told, sizes };
}

/** Frames of a peer: read the same however they are cut, in bounded memory, and what goes on is a stream of frames. */
export const frameStream = defineTarget<Input>({
  name: "frames",
  inputs: fc.record({
    bytes: nearly(streams, 2),
    places: fc.array(fc.nat(3000), { maxLength: 8 }),
    deflate: fc.constantFrom("none", "shared", "alone"),
    isRead: fc.boolean(),
  }),
  seeds: BORDERS.flatMap((hex) =>
    (["none", "shared", "alone"] as const).flatMap((deflate) =>
      [true, false].map((isRead) => ({
        bytes: Buffer.from(hex, "hex"),
        places: [1, 2, 3, 7, 20],
        deflate,
        isRead,
      })),
    ),
  ),
  check({ bytes, places, ...setUp }) {
    const stream = Buffer.from(bytes);
    const whole = pump([stream], setUp);
    const inPieces = pump(cut(stream, places), setUp);
    assert.deepEqual(inPieces.told, whole.told);
    if (whole.told.length > 0) assert.ok(inPieces.sent.equals(whole.sent), "cut, other bytes go on");
    for (const size of whole.sizes) assert.ok(size <= MOST, `a message of ${size} bytes`);
    const { fault } = scanAll([whole.sent], { allowRsv1: setUp.deflate !== "none" });
    assert.equal(fault, undefined);
    return whole.told[0] ?? "goes on";
  },
});
