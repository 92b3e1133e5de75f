import { randomBytes } from "node:crypto";
import test from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import { createContextCompressor, deflateAlone } from "../support/peers/compressor.ts";
import { MAX_MESSAGE_BYTES, type Play, shareModes } from "./modes.ts";
import { line, readToClose } from "./reading.ts";

/** RFC 7692: docs/conformance.md has the sentence of each test. */

const { each } = shareModes(test);
const { text, binary, continuation, ping, close } = OPCODE;

/** The sender's leg is compressed. */
const canCompress = ({ isCompressed }: Play["mode"], from: Play["from"]) => isCompressed[from];
const cannotCompress = (mode: Play["mode"], from: Play["from"]) => !canCompress(mode, from);
/** Compressed messages are inflated on their way. */
const isInflated = ({ isCompressed, policies }: Play["mode"], from: Play["from"]) =>
  isCompressed[from] && (policies.includes(`reads-${from}`) || isCompressed.client !== isCompressed.server);

const rsv1 = true;
const bomb = deflateAlone(Buffer.alloc(MAX_MESSAGE_BYTES * 10));

each(
  "RSV1 where no extension was agreed on is a 1002",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(frame(text, deflateAlone("no"), { rsv1 }));
    t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, mode.name);
  },
  cannotCompress,
);

each(
  "compressed messages of all sizes arrive, and uncompressed ones among them",
  async (t, { sender, receiver, frame, mode }) => {
    const bodies = ["", "a", "z".repeat(1023), "y".repeat(1024), "text that repeats, ".repeat(10_000)];
    const noise = randomBytes(100_000);
    for (const body of bodies) sender.write(frame(text, deflateAlone(body), { rsv1 }));
    sender.write(frame(text, "as it is"));
    sender.write(frame(binary, deflateAlone(noise), { rsv1 }));
    sender.write(frame(close, ""));
    const expected = [...bodies.map((body) => line("text", body)), "text as it is", line("binary", noise)];
    t.deepEqual(await readToClose(receiver), [...expected, "close"], mode.name);
  },
  canCompress,
);

each(
  "a compressed message may come in fragments, cut anywhere, with RSV1 on the first alone",
  async (t, session) => {
    const { sender, receiver, frame, mode } = session;
    const body = "compressed, and cut anywhere".repeat(20);
    for (const [i, byte] of deflateAlone(body).entries()) {
      sender.write(frame(i === 0 ? text : continuation, Buffer.of(byte), { fin: false, rsv1: i === 0 }));
    }
    sender.write(Buffer.concat([frame(ping, "p"), frame(continuation, ""), frame(close, "")]));
    t.deepEqual(await readToClose(receiver), ["ping p", line("text", body), "close"], mode.name);
  },
  canCompress,
);

each(
  "RSV1 on a continuation is a 1002",
  async (t, { sender, receiver, frame, mode }) => {
    const bytes = deflateAlone("never whole");
    sender.write(frame(text, bytes.subarray(0, 3), { fin: false, rsv1 }));
    sender.write(frame(continuation, bytes.subarray(3), { rsv1 }));
    t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, mode.name);
  },
  canCompress,
);

each(
  "RSV1 on a control frame is a 1002 where compression was agreed on",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(frame(ping, deflateAlone("no"), { rsv1 }));
    t.regex((await readToClose(receiver)).at(-1) ?? "", /^close 1002 /, mode.name);
  },
  canCompress,
);

/** RFC 7692 section 7.2.3, by its numbers. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "7.2.3.1, one block": "f248cdc9c90700",
  "7.2.3.3, a block without compression": "000500faff48656c6c6f00",
  "7.2.3.4, a block with BFINAL": "f348cdc9c9070000",
  "7.2.3.5, two blocks": "f24805000000ffffcac9c90700",
};

each(
  "the examples of section 7.2.3 read as they should",
  async (t, session) => {
    for (const [what, hex] of Object.entries(EXAMPLES)) {
      const { sender, receiver, frame, mode } = await session.reopen();
      sender.write(Buffer.concat([frame(text, Buffer.from(hex, "hex"), { rsv1 }), frame(close, "")]));
      t.deepEqual(await readToClose(receiver), ["text Hello", "close"], `${what}, ${mode.name}`);
    }
  },
  canCompress,
);

each(
  "a sender's context lasts over messages, whether it was to end or not",
  async (t, { sender, receiver, frame, mode }) => {
    const compress = createContextCompressor();
    const bodies = [1, 2, 3].map((n) => `each is much like the one before: ${n}`);
    for (const body of bodies) sender.write(frame(text, await compress(body), { rsv1 }));
    sender.write(frame(close, ""));
    t.deepEqual(await readToClose(receiver), [...bodies.map((body) => `text ${body}`), "close"], mode.name);
  },
  canCompress,
);

each(
  "data that is not deflate is a 1007 where messages are read",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(Buffer.concat([frame(text, "good"), frame(text, Buffer.alloc(50, 0xff), { rsv1 })]));
    t.deepEqual(await readToClose(receiver), ["text good", "close 1007 invalid compressed data"], mode.name);
  },
  isInflated,
);

each(
  "compressed text that is not UTF-8 is a 1007 where messages are read",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(frame(text, deflateAlone(Buffer.of(0x41, 0xff)), { rsv1 }));
    t.deepEqual(await readToClose(receiver), ["close 1007 text is not UTF-8"], mode.name);
  },
  isInflated,
);

each(
  "a message that inflates to more than the limit is a 1009, in one frame or many",
  async (t, session) => {
    for (const parts of [1, 3]) {
      const { sender, receiver, frame, mode } = await session.reopen();
      const size = Math.ceil(bomb.length / parts);
      for (let i = 0; i < parts; i++) {
        const part = bomb.subarray(i * size, (i + 1) * size);
        sender.write(frame(i === 0 ? binary : continuation, part, { fin: i === parts - 1, rsv1: i === 0 }));
      }
      t.deepEqual(
        await readToClose(receiver),
        ["close 1009 message too big"],
        `${parts} frames, ${mode.name}`,
      );
    }
  },
  canCompress,
);
