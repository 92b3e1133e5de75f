import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import type { MessageFilter } from "../../../sandbox/policy-api.ts";
import { at } from "../../support/at.ts";
import { eventually } from "../../support/eventually.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { deflateAlone } from "../../support/peers/compressor.ts";
import { cut, type FrameSpec, frame, framesOf, type SentMessage, sentMessages } from "../../wire/frames.ts";
import { createRig, FilteredSeat, HeldSeat, sameOnBoth, unchanged, verdict } from "./pump-rig.ts";

const ORDERS: MessageFilter = { json: { type: ["order"] } };
const order = '{"type":"order"}';
const other = '{"type":"other"}';
const ALONE = { noContextTakeover: true, windowBits: 15 };

const bodyOf = ({ parts }: SentMessage) => Buffer.concat(parts);

const filters: fc.Arbitrary<MessageFilter> = fc.record(
  {
    opcode: fc.constantFrom("text", "binary"),
    minLength: fc.nat(20),
    maxLength: fc.nat(200),
    includes: fc.constantFrom("a", "e", " "),
  },
  { requiredKeys: [] },
);

function isMeant(
  { opcode, minLength = 0, maxLength = 1000, includes = "" }: MessageFilter,
  message: SentMessage,
): boolean {
  const body = bodyOf(message);
  const isOpcode = opcode === undefined || (opcode === "text") === message.isText;
  return isOpcode && body.length >= minLength && body.length <= maxLength && body.includes(includes);
}

for (const origin of ["client", "server"] as const) {
  test(`property: however the ${origin}'s messages come, those that the hook is for reach it, and all keep their bytes`, (t) => {
    fc.assert(
      fc.property(filters, sentMessages, fc.array(fc.nat(), { maxLength: 8 }), (filter, messages, cuts) => {
        const seat = new FilteredSeat(filter);
        const rig = createRig({ origin });
        rig.chain = [seat];
        let key = 0;
        const frames = framesOf(messages, origin === "client" ? () => (key++ * 0x01234567) >>> 0 : undefined);
        const bytes = Buffer.concat(frames.map(frame));
        for (const chunk of cut(bytes, cuts)) rig.receive(chunk);
        const meant = messages.filter((message) => isMeant(filter, message));
        t.true(
          isDeepStrictEqual(
            seat.seen,
            meant.map((message) => bodyOf(message).toString()),
          ),
        );
        t.is(seat.skipped, messages.length - meant.length);
        t.is(rig.pump.messages, messages.length);
        // Controls between the fragments of a message that is put together leave before it.
        const out = rig.bytes();
        t.is(out.length, bytes.length);
        if (messages.every(({ parts }) => parts.length === 1)) t.true(out.equals(bytes));
      }),
      { numRuns: 300 },
    );
  });
}

test("what is for nobody waits behind what a policy still has, and passes as the frames it came in", (t) => {
  const rig = createRig({ origin: "client" });
  const orders = new FilteredSeat(ORDERS);
  const held = new HeldSeat();
  const key = 0x0a0b0c0d;
  const first = { opcode: 1, payload: order, key };
  rig.chain = [held];
  rig.receive(first);
  rig.chain = [orders];
  const rest = [
    { opcode: 1, payload: other, key },
    { opcode: 9, payload: "p", key },
    { opcode: 2, payload: Buffer.of(1, 2), key },
  ];
  rig.receive(...rest);
  t.deepEqual(rig.sent(), []);
  t.is(orders.skipped, 2);
  held.settle(unchanged);
  t.true(rig.bytes().equals(Buffer.concat([first, ...rest].map(frame))));
});

test("each policy of a chain decides on what those before it have made", (t) => {
  const upper = new FilteredSeat({ includes: "change" }, (body) => verdict({ body: body.toUpperCase() }));
  const loud = new FilteredSeat({ startsWith: "CHANGE" }, (body) =>
    verdict({ body: `${body}!`, append: ["change", "x"] }),
  );
  const small = new FilteredSeat({ maxLength: 6 });
  const rig = createRig();
  rig.chain = [upper, loud, small];
  rig.receive(
    { opcode: 1, payload: "change it" },
    { opcode: 1, payload: "CHANGE" },
    { opcode: 1, payload: "none of them" },
  );
  t.deepEqual(upper.seen, ["change it"]);
  t.deepEqual(loud.seen, ["CHANGE IT", "CHANGE"]);
  // What is appended goes through the rest of the chain.
  t.deepEqual(small.seen, ["change", "x", "change", "x"]);
  const texts = ["CHANGE IT!", "change", "x", "CHANGE!", "change", "x", "none of them"];
  t.deepEqual(
    rig.sent(),
    texts.map((text) => `text:${text}`),
  );
});

test("a policy without `when` sees every message, and so may the next", (t) => {
  const all = new HeldSeat();
  const orders = new FilteredSeat(ORDERS);
  const rig = createRig();
  rig.chain = [all, orders];
  rig.receive({ opcode: 1, payload: other });
  t.deepEqual(all.bodies, [other]);
  all.settle(verdict({ body: order }));
  t.deepEqual(orders.seen, [order]);
  t.deepEqual(rig.sent(), [`text:${order}`]);
});

for (const [what, specs] of [
  ["compressed", [{ opcode: 1, payload: deflateAlone(order), rsv: 4 }]],
  [
    "in fragments",
    [
      { opcode: 1, payload: order.slice(0, 5), fin: false },
      { opcode: 0, payload: order.slice(5) },
    ],
  ],
  [
    "compressed and in fragments",
    [
      { opcode: 1, payload: deflateAlone(order).subarray(0, 3), fin: false, rsv: 4 },
      { opcode: 9, payload: "p" },
      { opcode: 0, payload: deflateAlone(order).subarray(3) },
    ],
  ],
] as const satisfies readonly (readonly [string, readonly FrameSpec[]])[]) {
  test(`a message that comes ${what} is decided as it reads`, (t) => {
    const seat = new FilteredSeat(ORDERS);
    const rig = createRig({ deflate: sameOnBoth(ALONE) });
    rig.chain = [seat];
    rig.receive(...specs);
    t.deepEqual(seat.seen, [order]);
    t.is(rig.bytes().length, Buffer.concat(specs.map(frame)).length);
  });
}

test("compressed messages that are for nobody are read all the same, and leave as they came", (t) => {
  const seat = new FilteredSeat(ORDERS);
  const rig = createRig({ deflate: sameOnBoth(ALONE) });
  rig.chain = [seat];
  const frames = [other, "no JSON", order].map((text) =>
    frame({ opcode: 1, payload: deflateAlone(text), rsv: 4 }),
  );
  rig.receive(...frames);
  t.deepEqual(seat.seen, [order]);
  t.is(seat.skipped, 2);
  t.true(rig.bytes().equals(Buffer.concat(frames)));
});

test("where legs differ in their compression, what is for nobody is still made for the other leg", (t) => {
  const seat = new FilteredSeat(ORDERS);
  const rig = createRig({ deflate: { from: undefined, to: ALONE, minBytes: 0, maxRatio: 0 } });
  rig.chain = [seat];
  rig.receive({ opcode: 1, payload: other.repeat(50) });
  t.true(rig.bytes().length < 200);
  t.is(seat.skipped, 1);
});

test("text that is no text is refused where its bytes have to be looked at", (t) => {
  const rig = createRig();
  rig.chain = [new FilteredSeat(ORDERS)];
  rig.receive({ opcode: 1, payload: Buffer.from('{"type":"\xff"}', "latin1") });
  t.deepEqual(rig.told, ["close received", "close sent 1007 text is not UTF-8 (wire-fault)"]);
});

test("a message that its header excludes leaves before it is here", (t) => {
  const rig = createRig({ limits: { maxMessageBytes: 100, maxFrameBytes: 0, passesAny: true } });
  rig.chain = [new FilteredSeat({ maxLength: 50, ...ORDERS })];
  const large = frame({ opcode: 1, payload: "x".repeat(1000) });
  rig.receive(large.subarray(0, 500));
  t.is(rig.bytes().length, 500);
  rig.receive(large.subarray(500));
  t.true(rig.bytes().equals(large));
  // One that has to be kept for a look at it is held to the limit of what is kept.
  rig.chain = [new FilteredSeat(ORDERS)];
  rig.receive(large.subarray(0, 500));
  t.true(rig.told.includes("close sent 1009 message too big (wire-fault)"));
});

test("of a large message that was looked at and is for nobody, nothing is kept", async (t) => {
  const looked: WeakRef<Buffer>[] = [];
  const rig = createRig({
    origin: "client",
    allocate(size) {
      const memory = Buffer.allocUnsafeSlow(size);
      looked.push(new WeakRef(memory));
      return memory;
    },
  });
  const seat = new FilteredSeat(ORDERS);
  rig.chain = [seat];
  rig.receive({ opcode: 1, payload: `{"type":"other","x":"${"x".repeat(60_000)}"}`, key: 7 });
  t.is(seat.skipped, 1);
  t.is(looked.length, 1);
  await eventually("its copy to be given up", () => {
    collectGarbage();
    return at(looked, 0).deref() === undefined;
  });
  // The connection is there, and idle.
  t.is(rig.pump.messages, 1);
});
