import { constants, deflateRawSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { inflateMessage } from "../../../core/wire/deflate.ts";
import {
  cut,
  type FrameSpec,
  frame,
  framesOf,
  type ScannedFrame,
  type SentMessage,
  scanAll,
  sentMessages,
} from "../../wire/frames.ts";
import { createRig } from "./pump-rig.ts";

const alone = { noContextTakeover: true, windowBits: 15 };

const legs = fc.constantFrom(
  { from: alone, to: undefined, maxRatio: 0 },
  { from: undefined, to: alone, maxRatio: 0 },
  { from: alone, to: alone, maxRatio: 2000 },
);

test("between any legs, every message arrives as it was sent, however it is framed and cut", (t) => {
  fc.assert(
    fc.property(
      fc.record({
        leg: legs,
        messages: sentMessages.map((all) => all.filter(isReadable)),
        compressed: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        minBytes: fc.nat(400),
        places: fc.array(fc.nat(3000), { maxLength: 8 }),
      }),
      ({ leg, messages, compressed, minBytes, places }) => {
        const rig = createRig({ deflate: { ...leg, minBytes } });
        const sent = messages.flatMap((message, i) =>
          leg.from !== undefined && compressed[i] ? deflated(message, places) : framesOf([message]),
        );
        for (const chunk of cut(Buffer.concat(sent.map(frame)), places)) rig.pump.receive(chunk);

        const { frames, fault } = scanAll([rig.bytes()], { allowRsv1: leg.to !== undefined });
        t.is(fault, undefined);
        const read = readMessages(frames);
        t.deepEqual(
          read.map(({ isText, payload }) => ({ isText, payload })),
          messages.map(({ isText, parts }) => ({ isText, payload: Buffer.concat(parts) })),
        );
        t.deepEqual(controlsOf(frames), controlsOf(sent));
        if (leg.from === undefined)
          for (const message of read) t.is(message.isCompressed, message.payload.length >= minBytes);
      },
    ),
  );
});

/** Text may have been cut anywhere, but must be UTF-8. */
function isReadable({ isText, parts }: SentMessage): boolean {
  return !isText || Buffer.from(Buffer.concat(parts).toString()).equals(Buffer.concat(parts));
}

function deflated(message: SentMessage, places: readonly number[]): FrameSpec[] {
  const payload = deflateRawSync(Buffer.concat(message.parts), { finishFlush: constants.Z_SYNC_FLUSH });
  const parts = cut(payload.subarray(0, -4), places.slice(0, message.parts.length - 1));
  return framesOf([{ ...message, parts }]).map((spec) =>
    spec.opcode === 1 || spec.opcode === 2 ? { ...spec, rsv: 4 } : spec,
  );
}

function controlsOf(frames: readonly FrameSpec[]) {
  return frames.filter(({ opcode }) => opcode > 2).map(({ opcode, payload }) => ({ opcode, payload }));
}

function readMessages(frames: readonly ScannedFrame[]) {
  const messages: { isText: boolean; isCompressed: boolean; payload: Buffer }[] = [];
  let parts: ScannedFrame[] = [];
  for (const each of frames.filter(({ opcode }) => opcode <= 2)) {
    parts.push(each);
    if (!each.fin) continue;
    const [{ opcode, rsv1 }] = parts as [ScannedFrame];
    const bytes = Buffer.concat(parts.map(({ payload }) => payload));
    const inflated = rsv1 ? inflateMessage(bytes, 1_000_000) : { bytes };
    if ("fault" in inflated) throw new Error(inflated.fault.reason);
    messages.push({ isText: opcode === 1, isCompressed: rsv1, payload: Buffer.from(inflated.bytes) });
    parts = [];
  }
  return messages;
}
