import { randomBytes } from "node:crypto";
import test from "ava";
import { deflateAlone } from "../../support/peers/compressor.ts";
import { closeBody, cut, type FrameSpec, frame, splitBytes } from "../../wire/frames.ts";
import { createRig, sameOnBoth } from "./pump-rig.ts";

/** What a compressed message inflates to is limited where nobody reads it, too. */

const MOST = 10_000;
const shared = { noContextTakeover: false, windowBits: 15 };
const rigOf = (maxMessageBytes = MOST) =>
  createRig({ deflate: sameOnBoth(shared), limits: { maxMessageBytes, maxFrameBytes: 0 } });
const bytesOf = (...specs: readonly FrameSpec[]) => Buffer.concat(specs.map(frame));
const compressed = (payload: Uint8Array): FrameSpec => ({ opcode: 2, rsv: 4, payload });

const bomb = deflateAlone(Buffer.alloc(MOST + 1));
const fitting = deflateAlone(randomBytes(MOST));
const tooBig = "close:1009message too big";

test("a message that inflates to more than the limit is a 1009, and nothing of it goes on", (t) => {
  const [start, end] = [bomb.subarray(0, 5), bomb.subarray(5)];
  for (const specs of [
    [compressed(bomb)],
    [
      { ...compressed(start), fin: false },
      { opcode: 0, payload: end },
    ],
  ]) {
    for (const chunks of [[bytesOf(...specs)], splitBytes(bytesOf(...specs))]) {
      const rig = rigOf();
      rig.receive({ opcode: 1, payload: "good" });
      for (const chunk of chunks) rig.receive(chunk);
      rig.receive({ opcode: 1, payload: "late" });
      t.deepEqual(rig.sent(), ["text:good", tooBig]);
      t.deepEqual(rig.told, ["close received", "close sent 1009 message too big (wire-fault)"]);
    }
  }
});

test("a message within the limit goes on as the frames that came, what comes between them before it", (t) => {
  const ping = { opcode: 9, payload: "between" };
  const first = { ...compressed(fitting.subarray(0, 100)), fin: false };
  const last = { opcode: 0, payload: fitting.subarray(100) };
  const after = { opcode: 1, payload: "after" };
  for (const places of [[], [50, 200, 3000], [111, 120]]) {
    const rig = rigOf();
    for (const chunk of cut(bytesOf(first, ping, last, after), places)) rig.receive(chunk);
    t.true(rig.bytes().equals(bytesOf(ping, first, last, after)));
  }
});

test("a message that refers to earlier ones is measured without them", (t) => {
  // A block with fixed codes: 258 bytes from a distance of 1, which is before the message. And the octet of an empty block.
  const refers = Buffer.from("1a050000", "hex");
  for (const [most, line] of [
    [258, "binary:"],
    [257, tooBig],
  ] as const) {
    const rig = rigOf(most);
    rig.receive(compressed(refers));
    t.true(rig.sent()[0]?.startsWith(line), rig.sent()[0]);
  }
});

test("what cannot be inflated cannot be measured: 1007", (t) => {
  const rig = rigOf();
  rig.receive(compressed(Buffer.alloc(50, 0xff)));
  t.deepEqual(rig.sent(), ["close:1007invalid compressed data"]);
});

test("a frame so small that it cannot inflate to more than the limit goes on piece by piece, as all do without a limit", (t) => {
  for (const [most, payload] of [
    [MOST, Buffer.alloc(9, 0xff)],
    [Number.POSITIVE_INFINITY, Buffer.alloc(100_000, 0xff)],
  ] as const) {
    const rig = rigOf(most);
    const bytes = bytesOf(compressed(payload));
    rig.receive(bytes.subarray(0, -1));
    t.is(rig.bytes().length, bytes.length - 1);
    rig.receive(bytes.subarray(-1));
    t.true(rig.bytes().equals(bytes));
  }
});

test("a Close of the gateway's goes before a message that is being weighed", (t) => {
  const rig = rigOf();
  const bytes = bytesOf(compressed(fitting));
  rig.receive(bytes.subarray(0, 100));
  rig.pump.close({ code: 1001, reason: "" });
  rig.receive(bytes.subarray(100), { opcode: 8, payload: closeBody(1001) });
  t.deepEqual(rig.sent(), ["close:1001"]);
});
