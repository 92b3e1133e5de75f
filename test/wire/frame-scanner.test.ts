import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { constants, deflateRawSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import type { ScannerRules } from "../../core/wire/frame-scanner.ts";
import { cut, type FrameSpec, frame, framesOf, scanAll, sentMessages, splitBytes } from "./frames.ts";

test("any frames come out whole, however their bytes are split", (t) => {
  fc.assert(
    fc.property(
      sentMessages,
      fc.option(fc.integer({ min: 0, max: 0xffffffff }), { nil: undefined }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (messages, key, cuts) => {
        const specs = framesOf(messages, key === undefined ? undefined : () => key);
        const bytes = Buffer.concat(specs.map(frame));
        const { frames, fault, left } = scanAll(cut(bytes, cuts), { masked: key !== undefined });
        const expected = specs.map(({ opcode, fin = true, payload }) => ({
          opcode,
          fin,
          rsv1: false,
          payload,
        }));
        t.true(isDeepStrictEqual(frames, expected));
        t.is(fault, undefined);
        t.is(left, 0);
      },
    ),
  );
});

test("one byte at a time", (t) => {
  const bytes = Buffer.concat([
    frame({ opcode: 1, payload: "a".repeat(126), key: 0x01020304, fin: false }),
    frame({ opcode: 9, payload: "p", key: 0 }),
    frame({ opcode: 0, payload: "", key: 7 }),
    frame({ opcode: 2, payload: Buffer.alloc(65536, 5), key: 9 }),
  ]);
  const { frames } = scanAll([...splitBytes(bytes.subarray(0, 200)), bytes.subarray(200)], { masked: true });
  t.deepEqual(
    frames.map(({ opcode, payload }) => [opcode, payload.length]),
    [
      [1, 126],
      [9, 1],
      [0, 0],
      [2, 65536],
    ],
  );
});

const text: FrameSpec = { opcode: 1, payload: "hi" };
const begun: FrameSpec = { opcode: 1, payload: "hi", fin: false };

type FaultCode = 1002 | 1007 | 1009;

const faults: readonly [string, FrameSpec[], FaultCode, RegExp, Partial<ScannerRules>?][] = [
  ["RSV2", [{ ...text, rsv: 2 }], 1002, /reserved/],
  ["RSV3", [{ ...text, rsv: 1 }], 1002, /reserved/],
  ["RSV1 that was not negotiated", [{ ...text, rsv: 4 }], 1002, /reserved/],
  ["RSV1 on a control frame", [{ opcode: 9, rsv: 4 }], 1002, /reserved/, { allowRsv1: true }],
  ["RSV1 on a continuation", [begun, { opcode: 0, rsv: 4 }], 1002, /reserved/, { allowRsv1: true }],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) =>
      [`opcode ${opcode}`, [{ opcode }], 1002, /opcode/] as [string, FrameSpec[], FaultCode, RegExp],
  ),
  ["a masked frame from a server", [{ ...text, key: 5 }], 1002, /masked frame/],
  ["an unmasked frame from a client", [text], 1002, /unmasked frame/, { masked: true }],
  ["an unmasked control frame from a client", [{ opcode: 9 }], 1002, /unmasked frame/, { masked: true }],
  ["a fragmented ping", [{ opcode: 9, fin: false }], 1002, /fragmented control/],
  ["a fragmented close", [{ opcode: 8, fin: false }], 1002, /fragmented control/],
  ["a long pong", [{ opcode: 10, payload: "x".repeat(126) }], 1002, /too long/],
  ["a long close", [{ opcode: 8, payload: "x".repeat(65536) }], 1002, /too long/],
  ["a lone continuation", [{ opcode: 0 }], 1002, /continuation/],
  ["a continuation after the end", [text, { opcode: 0 }], 1002, /continuation/],
  ["a message inside another", [begun, text], 1002, /inside another/],
  ["a message too big", [{ ...text, payload: "12345" }], 1009, /too big/, { maxMessageBytes: 4 }],
  [
    "fragments too big together",
    [begun, { opcode: 0, payload: "abc" }],
    1009,
    /too big/,
    { maxMessageBytes: 4 },
  ],
];

for (const [name, specs, code, reason, rules] of faults) {
  test(`fault: ${name}`, (t) => {
    const bytes = Buffer.concat([...specs.map(frame), frame({ opcode: 2, payload: "later" })]);
    for (const chunks of [[bytes], splitBytes(bytes)]) {
      const { frames, fault } = scanAll(chunks, rules);
      t.is(fault?.code, code);
      t.regex(fault?.reason ?? "", reason);
      t.is(frames.length, specs.length - 1);
    }
  });
}

test("what is just right is no fault", (t) => {
  const ok = (specs: FrameSpec[], rules?: Partial<ScannerRules>) =>
    t.is(scanAll([Buffer.concat(specs.map(frame))], rules).fault, undefined);
  ok([{ ...text, rsv: 4 }], { allowRsv1: true });
  ok([{ opcode: 9, payload: "x".repeat(125) }]);
  ok([begun, { opcode: 0, payload: "ab" }, { ...text, payload: "1234" }], { maxMessageBytes: 4 });
  ok([{ opcode: 9, payload: "12345" }], { maxMessageBytes: 4 });
});

const header64 = (high: number, low: number) => {
  const bytes = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(high, 2);
  bytes.writeUInt32BE(low, 6);
  return bytes;
};

test("lengths of 64 bits", (t) => {
  const lengthOf = (bytes: Buffer) => scanAll([bytes]).fault?.code;
  t.is(lengthOf(header64(1, 0)), undefined);
  t.is(lengthOf(header64(0x1fffff, 0xffffffff)), undefined);
  t.is(lengthOf(header64(0x200000, 0)), 1009);
  t.is(lengthOf(header64(0x7fffffff, 0xffffffff)), 1009);
  // Section 5.2: the most significant bit must be 0.
  t.is(lengthOf(header64(0x80000000, 0)), 1002);
});

test("a message too big is refused on its length alone, before mask and payload have come", (t) => {
  const { fault, frames } = scanAll([Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0])], {
    masked: true,
    maxMessageBytes: 2 ** 32 - 1,
  });
  t.is(fault?.code, 1009);
  t.is(frames.length, 0);
});

test("what deflate adds to a message that cannot be compressed does not make it too big", (t) => {
  for (const size of [0, 1, 1000, 100_000]) {
    const stored = deflateRawSync(randomBytes(size), { level: 0, finishFlush: constants.Z_SYNC_FLUSH });
    const payload = stored.subarray(0, -4);
    t.true(payload.length > size);
    const fragments = [
      { ...text, fin: false, rsv: 4, payload: payload.subarray(0, size / 2) },
      { opcode: 0, payload: payload.subarray(size / 2) },
    ];
    const codeOf = (specs: FrameSpec[]) =>
      scanAll([Buffer.concat(specs.map(frame))], { allowRsv1: true, maxMessageBytes: size }).fault?.code;
    t.is(codeOf([{ ...text, rsv: 4, payload }]), undefined);
    t.is(codeOf(fragments), undefined);
    t.is(codeOf([{ ...text, payload }]), 1009);
    t.is(codeOf([...fragments, { ...text, payload }]), 1009, "each message by its own limit");
    t.is(codeOf([{ ...text, rsv: 4, payload: Buffer.alloc(size + size / 16 + 20) }]), 1009);
  }
});

test("empty fragments do not go on for ever", (t) => {
  const empty = frame({ opcode: 0, fin: false });
  const many = (count: number) => Buffer.concat([frame(begun), ...Array<Buffer>(count).fill(empty)]);
  t.is(scanAll([many(128 * 1024 - 1)]).fault, undefined);
  t.is(scanAll([many(128 * 1024)]).fault?.reason, "too many fragments");
});
