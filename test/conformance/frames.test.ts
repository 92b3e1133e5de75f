import { randomBytes } from "node:crypto";
import test from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import { type FrameMaker, shareModes } from "./modes.ts";
import { line, readToClose } from "./reading.ts";

/** RFC 6455, sections 5.1 to 5.6 and 6: docs/conformance.md has the sentence of each test. */

const { each } = shareModes(test);
const { text, binary, continuation, ping, pong, close } = OPCODE;

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 150_000];

each("messages of every form of length arrive", async (t, { sender, receiver, frame, mode }) => {
  const bodies = SIZES.map((size) => randomBytes(size));
  for (const body of bodies) {
    sender.write(frame(text, body.toString("hex").slice(0, body.length)));
    sender.write(frame(binary, body));
  }
  sender.write(frame(close, ""));
  const expected = bodies.flatMap((body) => [
    line("text", body.toString("hex").slice(0, body.length)),
    line("binary", body),
  ]);
  t.deepEqual(await readToClose(receiver), [...expected, "close"], mode.name);
});

each(
  "a message in fragments, of which some are empty, is one message",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(
      Buffer.concat([
        frame(text, "", { fin: false }),
        frame(continuation, "one ", { fin: false }),
        frame(continuation, "", { fin: false }),
        frame(continuation, "message", { fin: false }),
        frame(continuation, ""),
        frame(binary, "a", { fin: false }),
        frame(continuation, "b"),
        frame(close, ""),
      ]),
    );
    t.deepEqual(await readToClose(receiver), ["text one message", line("binary", "ab"), "close"], mode.name);
  },
);

each("bytes may come one at a time", async (t, { sender, receiver, frame, mode }) => {
  const frames = [
    frame(text, "slow", { fin: false }),
    frame(ping, "p"),
    frame(continuation, "ly"),
    frame(close, ""),
  ];
  await sender.trickle(Buffer.concat(frames));
  t.deepEqual(await readToClose(receiver), ["ping p", "text slowly", "close"], mode.name);
});

each(
  "control frames between fragments go on before the message has ended",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(frame(text, "begun", { fin: false }));
    sender.write(Buffer.concat([frame(ping, "now"), frame(pong, "unasked")]));
    const lines: string[] = [];
    while (lines.length < 2) {
      const { opcode, payload } = await receiver.next();
      if (opcode > 8) lines.push(`${opcode} ${payload}`);
    }
    t.deepEqual(lines, ["9 now", "10 unasked"], mode.name);
  },
);

each("a ping reaches the other end, and its pong comes back with the same bytes", async (t, session) => {
  const { sender, receiver, frame, answer, mode } = session;
  for (const payload of [Buffer.alloc(0), randomBytes(125)]) {
    sender.write(frame(ping, payload));
    const heard = await receiver.next();
    t.deepEqual([heard.opcode, heard.payload], [ping, payload], mode.name);
    receiver.write(answer(pong, heard.payload));
    const back = await sender.next();
    t.deepEqual([back.opcode, back.payload], [pong, payload], mode.name);
  }
});

each("messages and control frames arrive in the order in which they were sent", async (t, session) => {
  const { sender, receiver, frame, mode } = session;
  const numbers = Array.from({ length: 50 }, (_, i) => i);
  sender.write(Buffer.concat(numbers.flatMap((i) => [frame(text, `m${i}`), frame(ping, `p${i}`)])));
  sender.write(frame(close, ""));
  const expected = numbers.flatMap((i) => [`text m${i}`, `ping p${i}`]);
  t.deepEqual(await readToClose(receiver), [...expected, "close"], mode.name);
});

interface Wrong {
  readonly bytes: (frame: FrameMaker, isMasked: boolean) => Uint8Array;
  readonly code?: number;
}

const UNKNOWN_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

const wrong: Readonly<Record<string, Wrong>> = {
  "a frame that is masked the wrong way is a 1002": {
    bytes: (frame, isMasked) => withMaskBit(frame(text, "bad"), !isMasked),
  },
  "a control frame that is masked the wrong way is a 1002": {
    bytes: (frame, isMasked) => withMaskBit(frame(ping, "bad"), !isMasked),
  },
  "RSV2 is a 1002": { bytes: (frame) => withBits(frame(text, "bad"), 0x20) },
  "RSV3 is a 1002": { bytes: (frame) => withBits(frame(binary, "bad"), 0x10) },
  "RSV2 on a control frame is a 1002": { bytes: (frame) => withBits(frame(ping, "bad"), 0x20) },
  "RSV1 on a control frame is a 1002": { bytes: (frame) => frame(pong, "bad", { rsv1: true }) },
  ...Object.fromEntries(
    UNKNOWN_OPCODES.map((opcode) => [
      `opcode ${opcode} is a 1002`,
      { bytes: (frame: FrameMaker) => frame(opcode, "bad") },
    ]),
  ),
  "a control frame in fragments is a 1002": { bytes: (frame) => frame(ping, "bad", { fin: false }) },
  "a Close in fragments is a 1002": { bytes: (frame) => frame(close, "", { fin: false }) },
  "a control frame of 126 bytes is a 1002": { bytes: (frame) => frame(ping, "x".repeat(126)) },
  "a Close of 126 bytes is a 1002": { bytes: (frame) => frame(close, Buffer.alloc(126, 3)) },
  "a control frame of 65536 bytes is a 1002": { bytes: (frame) => frame(pong, Buffer.alloc(65_536)) },
  "a continuation of nothing is a 1002": { bytes: (frame) => frame(continuation, "bad") },
  "a continuation after a message's end is a 1002": {
    bytes: (frame) => Buffer.concat([frame(text, "good"), frame(continuation, "bad", { fin: false })]),
  },
  "a length with its top bit set is a 1002": { bytes: (_, isMasked) => header64(isMasked, [0x80, 0, 0, 0]) },
  "a length of 2^63 - 1 is a 1009": {
    bytes: (_, isMasked) => header64(isMasked, [0x7f, 255, 255, 255]),
    code: 1009,
  },
  "a length above the limit is a 1009 by the header alone": {
    bytes: (_, isMasked) => header64(isMasked, [0, 0, 0, 0, 1]),
    code: 1009,
  },
};

for (const [title, { bytes, code = 1002 }] of Object.entries(wrong)) {
  each(title, async (t, { sender, receiver, frame, answer, mode, from }) => {
    sender.write(Buffer.concat([frame(text, "good"), bytes(frame, from === "client")]));
    sender.write(frame(text, "late"));
    const lines = await readToClose(receiver);
    t.deepEqual(new Set(lines.slice(0, -1)), new Set(["text good"]), mode.name);
    t.regex(lines.at(-1) ?? "", new RegExp(`^close ${code} `), mode.name);
    // What the other end still says, its Close included, comes back.
    receiver.write(Buffer.concat([answer(text, "answer"), answer(close, Buffer.of(code >> 8, code & 255))]));
    t.deepEqual(await readToClose(sender), ["text answer", `close ${code}`], mode.name);
  });
}

each("a message inside another is a 1002", async (t, { sender, receiver, frame, mode }) => {
  sender.write(Buffer.concat([frame(text, "first", { fin: false }), frame(text, "second")]));
  t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, mode.name);
});

function withBits(frame: Buffer, bits: number): Buffer {
  frame.writeUInt8(frame.readUInt8(0) | bits, 0);
  return frame;
}

function withMaskBit(frame: Buffer, isMasked: boolean): Buffer {
  frame.writeUInt8((frame.readUInt8(1) & 0x7f) | (isMasked ? 0x80 : 0), 1);
  return frame;
}

/** A header alone. @param start of the eight bytes of the length; the rest is 0 */
function header64(isMasked: boolean, start: readonly number[]): Buffer {
  const header = Buffer.alloc(10);
  header.set([0x82, isMasked ? 0xff : 0x7f, ...start]);
  return header;
}
