import test from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import { type Play, shareModes } from "./modes.ts";
import { line, readToClose } from "./reading.ts";

/** RFC 6455, sections 5.6 and 8.1, and RFC 3629: docs/conformance.md has the sentence of each test. */

const { each } = shareModes(test);
const { text, binary, continuation, close } = OPCODE;

const GOOD = [
  "",
  "Hello-µ@ßöäüàá-UTF-8!!",
  "κόσμε",
  "\u0000\u007f\u0080\u07ff\u0800\uffff",
  "\u{10000}\u{10ffff}",
  "\ufeff\ufffe\u{1fffe}\u{10fffe}",
];

/** What is wrong, and the bytes, of which the last is the first that cannot be. */
const BAD: readonly (readonly [what: string, hex: string])[] = [
  ["a lone continuation", "80"],
  ["a lone continuation behind text", "cebae1bdb9bf"],
  ["two bytes that 80 would begin", "c0"],
  ["an overlong form of two bytes", "c1"],
  ["an overlong form of three bytes", "e09f"],
  ["an overlong form of four bytes", "f08f"],
  ["the first surrogate", "eda0"],
  ["the last surrogate", "edbf"],
  ["behind U+10FFFF", "f490"],
  ["a first byte of five", "f8"],
  ["FE", "fe"],
  ["FF", "ff"],
  ["a character that text interrupts", "e28241"],
  ["a character that another interrupts", "f09f98c3"],
];

each(
  "text arrives as it was sent, wherever fragments cut its characters",
  async (t, { sender, receiver, frame, mode }) => {
    const bytes = GOOD.map((body) => Buffer.from(body));
    for (const body of bytes) {
      sender.write(frame(text, body));
      for (const [i, byte] of body.entries()) {
        const fin = i === body.length - 1;
        sender.write(frame(i === 0 ? text : continuation, Buffer.of(byte), { fin }));
      }
    }
    sender.write(frame(close, ""));
    const expected = bytes.flatMap((body) =>
      body.length === 0 ? ["text "] : [line("text", body), line("text", body)],
    );
    t.deepEqual(await readToClose(receiver), [...expected, "close"], mode.name);
  },
);

each("bytes that are no text pass as binary", async (t, { sender, receiver, frame, mode }) => {
  const bytes = Buffer.concat(BAD.map(([, hex]) => Buffer.from(hex, "hex")));
  sender.write(Buffer.concat([frame(binary, bytes), frame(close, "")]));
  t.deepEqual(await readToClose(receiver), [line("binary", bytes), "close"], mode.name);
});

each(
  "text that is not UTF-8 is a 1007 where messages are read, in the fragment in which it stands",
  async (t, session) => {
    for (const [what, hex] of BAD) {
      for (const cut of ["whole", "in fragments"] as const) {
        const { sender, receiver, frame, mode } = await session.reopen();
        const bytes = Buffer.concat([Buffer.from("good "), Buffer.from(hex, "hex")]);
        sender.write(frame(text, "before"));
        // The message does not end: what is wrong shows without that.
        if (cut === "whole") sender.write(frame(text, bytes, { fin: false }));
        else sender.write(Buffer.concat(piecesOf(bytes, frame)));
        t.deepEqual(
          await readToClose(receiver),
          ["text before", "close 1007 text is not UTF-8"],
          `${what}, ${cut}, ${mode.name}`,
        );
      }
    }
  },
  isRead,
);

each(
  "text that ends inside of a character is a 1007 where messages are read",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(frame(text, Buffer.from("e282", "hex"), { fin: false }));
    sender.write(frame(continuation, ""));
    t.deepEqual(await readToClose(receiver), ["close 1007 text is not UTF-8"], mode.name);
  },
  isRead,
);

each(
  "where nobody reads messages, text goes on as it came, and the endpoint is the judge of it",
  async (t, { sender, receiver, frame, mode }) => {
    sender.write(Buffer.concat([frame(text, Buffer.of(0xff)), frame(close, "")]));
    const { opcode, payload } = await receiver.next();
    t.deepEqual([opcode, payload], [text, Buffer.of(0xff)], mode.name);
  },
  (mode, from) => !isRead(mode, from),
);

function isRead({ isRead: reads }: Play["mode"], from: Play["from"]): boolean {
  return reads[from];
}

function piecesOf(bytes: Buffer, frame: Play["frame"]): Buffer[] {
  return Array.from(bytes, (byte, i) =>
    frame(i === 0 ? text : continuation, Buffer.of(byte), { fin: false }),
  );
}
