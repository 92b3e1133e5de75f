import test from "ava";
import { deflateMessage } from "../../../core/wire/deflate.ts";
import { closeBody, frame, splitBytes } from "../../wire/frames.ts";
import { createRig, HeldSeat, sameOnBoth, seatOf, textPayload, unchanged } from "./pump-rig.ts";

const text = (payload: string | Buffer) => ({ opcode: 1, payload });
const bye = { opcode: 8, payload: closeBody(1000, "bye") };
const held = () => [seatOf(() => unchanged)];

for (const chain of [[], held()]) {
  const mode = chain.length === 0 ? "spliced" : "read";

  test(`${mode}: a Close goes on with its code and reason, and what follows it is ignored`, (t) => {
    const rig = createRig();
    rig.chain = chain;
    for (const byte of splitBytes(Buffer.concat([text("a"), bye, text("b")].map(frame)))) rig.receive(byte);
    rig.receive(text("c"), bye, Buffer.from("rubbish"));
    rig.pump.inject([textPayload("x")]);
    rig.pump.close({ code: 1001, reason: "" });
    t.deepEqual(rig.sent(), ["text:a", "close:1000bye"]);
    t.deepEqual(rig.told, ["close received", "close sent 1000 bye (peer)"]);
  });

  test(`${mode}: a Close without a code stays without one`, (t) => {
    const rig = createRig();
    rig.chain = chain;
    rig.receive({ opcode: 8 });
    t.deepEqual(rig.sent(), ["close:"]);
    t.deepEqual(rig.told, ["close received", "close sent undefined  (peer)"]);
  });

  test(`${mode}: a Close between fragments`, (t) => {
    const rig = createRig();
    rig.chain = chain;
    rig.receive({ ...text("a"), fin: false }, bye, { opcode: 0, payload: "b" });
    t.deepEqual(rig.sent(), chain.length === 0 ? ["text-:a", "close:1000bye"] : ["close:1000bye"]);
  });

  for (const [name, payload, code] of [
    ["of one byte", Buffer.of(3), 1002],
    ["with code 1005", closeBody(1005), 1002],
    ["with code 5000", closeBody(5000), 1002],
    ["with a reason that is not UTF-8", Buffer.concat([closeBody(1000), Buffer.of(0xff)]), 1007],
  ] as const) {
    test(`${mode}: a Close ${name} is a fault, told once`, (t) => {
      const rig = createRig();
      rig.chain = chain;
      rig.receive(text("a"), { opcode: 8, payload });
      t.deepEqual(rig.sent()[0], "text:a");
      t.regex(rig.sent()[1] ?? "", new RegExp(`^close:${code}`));
      t.is(rig.told[0], "close received");
      t.regex(rig.told[1] ?? "", /\(wire-fault\)$/);
      t.is(rig.told.length, 2);
    });
  }

  test(`${mode}: good messages before a fault go on, then the Close with its code`, (t) => {
    const rig = createRig({ limits: { maxMessageBytes: 5, maxFrameBytes: 0 } });
    rig.chain = chain;
    rig.receive(text("good"), text("too big"), text("later"));
    rig.receive(text("later"));
    t.deepEqual(rig.sent(), ["text:good", "close:1009message too big"]);
    t.deepEqual(rig.told, ["close received", "close sent 1009 message too big (wire-fault)"]);
  });

  test(`${mode}: the gateway's Close in the middle of a frame`, (t) => {
    const rig = createRig();
    rig.chain = chain;
    const [frameBytes, next] = [frame(text("hello")), frame(text("next"))];
    rig.receive(frameBytes.subarray(0, 4));
    rig.pump.close({ code: 1001, reason: "stop" });
    rig.pump.close({ code: 1008, reason: "again" });
    rig.receive(Buffer.concat([frameBytes.subarray(4), next]));
    // Spliced, the frame has begun to leave; a message that is read has not, and does not any more.
    t.deepEqual(rig.sent(), chain.length === 0 ? ["text:hello", "close:1001stop"] : ["close:1001stop"]);
    rig.receive(bye, text("x"));
    t.deepEqual(rig.told, ["close sent 1001 stop (gateway)", "close received"]);
  });

  test(`${mode}: FIN in the middle of a frame, and what comes behind it`, (t) => {
    const rig = createRig();
    rig.chain = chain;
    rig.receive(frame(text("hello")).subarray(0, 4));
    rig.pump.receiveEnd();
    rig.receive(frame(text("hello")).subarray(4));
    rig.pump.inject([textPayload("x")]);
    t.is(rig.bytes().length, chain.length === 0 ? 4 : 0);
    t.deepEqual(rig.told, ["fin"]);
  });
}

test("FIN waits for the messages before it", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive(text("a"));
  rig.pump.receiveEnd();
  t.deepEqual(rig.told, []);
  seat.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:a"]);
  t.deepEqual(rig.told, ["fin"]);
});

test("the gateway's Close waits for the messages before it, and takes no more", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive(text("a"));
  rig.pump.close({ code: 1001, reason: "" });
  rig.receive(text("b"));
  t.deepEqual(seat.bodies, ["a"]);
  seat.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:a", "close:1001"]);
});

test("the gateway's Close goes between fragments, over messages that wait for the last", (t) => {
  const rig = createRig();
  rig.receive({ ...text("a"), fin: false });
  rig.pump.inject([textPayload("x")]);
  rig.pump.close({ code: 1001, reason: "" });
  t.deepEqual(rig.sent(), ["text-:a", "close:1001"]);

  const inFrame = createRig();
  const fragment = frame({ ...text("abc"), fin: false });
  inFrame.receive(fragment.subarray(0, 3));
  inFrame.pump.inject([textPayload("x")]);
  inFrame.pump.close({ code: 1001, reason: "" });
  inFrame.receive(fragment.subarray(3), { opcode: 0, payload: "d" });
  t.deepEqual(inFrame.sent(), ["text-:abc", "close:1001"]);
});

test("text that is not UTF-8 is 1007, a character split over fragments is not", (t) => {
  const snowman = Buffer.from("☃");
  const good = createRig();
  good.chain = held();
  good.receive({ ...text(snowman.subarray(0, 1)), fin: false }, { opcode: 0, payload: snowman.subarray(1) });
  t.is(good.sent().length, 2);
  t.deepEqual(good.told, []);

  const bad = createRig();
  bad.chain = held();
  bad.receive(
    text("ok"),
    { ...text(snowman.subarray(0, 2)), fin: false },
    { opcode: 0, payload: "!" },
    text("no"),
  );
  t.deepEqual(bad.sent(), ["text:ok", "close:1007text is not UTF-8"]);
  t.deepEqual(bad.told, ["close received", "close sent 1007 text is not UTF-8 (wire-fault)"]);
  const binary = createRig();
  binary.chain = held();
  binary.receive({ opcode: 2, payload: Buffer.of(0xff) });
  t.deepEqual(binary.told, []);
});

test("text that is not UTF-8 is refused with the piece that it stands in: of a fragment, or of a frame that has just begun", (t) => {
  const start = Buffer.from("aé");
  for (const key of [undefined, 0x01020304]) {
    const masked = key === undefined ? {} : { key };
    const unfinished = [
      [
        frame({ opcode: 1, payload: "good", fin: false, ...masked }),
        "with a wrong fragment",
        Buffer.of(0xff),
      ],
      [
        frame({ opcode: 1, payload: start.subarray(0, 2), fin: false, ...masked }),
        "across the border",
        Buffer.of(0x41),
      ],
    ] as const;
    for (const [first, what, payload] of unfinished) {
      const rig = createRig({ origin: key === undefined ? "server" : "client" });
      rig.chain = held();
      rig.receive(first, frame({ opcode: 0, payload, fin: false, ...masked }));
      t.deepEqual(rig.sent(), ["close:1007text is not UTF-8"], what);
    }
    const rig = createRig({ origin: key === undefined ? "server" : "client" });
    rig.chain = held();
    const large = Buffer.alloc(50_000, "é");
    large[30_001] = 0x41;
    const bytes = frame({ opcode: 1, payload: large, ...masked });
    rig.receive(bytes.subarray(0, 20_000));
    t.deepEqual(rig.sent(), []);
    rig.receive(bytes.subarray(20_000, 40_000));
    t.deepEqual(rig.sent(), ["close:1007text is not UTF-8"]);
    rig.receive(bytes.subarray(40_000));
    t.deepEqual(rig.told, ["close received", "close sent 1007 text is not UTF-8 (wire-fault)"]);
  }
});

test("a compressed message is 1009 by its inflated size, 1007 when it cannot be inflated", (t) => {
  const deflate = { noContextTakeover: true, windowBits: 15 };
  const bomb = deflateMessage(Buffer.alloc(100_000), deflate, 1024);
  for (const [payload, code] of [
    [bomb, 1009],
    [Buffer.alloc(9, 0xff), 1007],
  ] as const) {
    const rig = createRig({
      deflate: sameOnBoth(deflate),
      limits: { maxMessageBytes: 50_000, maxFrameBytes: 0 },
    });
    rig.chain = held();
    rig.receive({ opcode: 2, rsv: 4, payload });
    t.regex(rig.sent()[0] ?? "", new RegExp(`^close:${code}`));
    t.is(rig.told.length, 2);
  }
});

test("policies that come where compressed messages depend on each other: 1012, and not a byte of the message passes", (t) => {
  const rig = createRig({ deflate: sameOnBoth({ noContextTakeover: false, windowBits: 15 }) });
  rig.receive({ opcode: 1, rsv: 4, payload: "a" });
  rig.chain = held();
  rig.receive({ opcode: 9, payload: "p" }, { opcode: 1, rsv: 4, payload: "secret" }, { opcode: 9 });
  rig.receive({ opcode: 1, payload: "secret" }, bye);
  t.deepEqual(rig.sent(), ["text:a", "ping:p", "close:1012policies changed"]);
  t.deepEqual(rig.told, ["unreadable", "close sent 1012 policies changed (gateway)", "close received"]);
});
