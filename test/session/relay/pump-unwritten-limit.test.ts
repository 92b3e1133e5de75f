import test from "ava";
import { createHeldSeat } from "../../../core/breakpoints/held-seat.ts";
import { deflateAlone } from "../../support/peers/compressor.ts";
import { type FrameSpec, frame } from "../../wire/frames.ts";
import { createRig, sameOnBoth, seatOf, unchanged } from "./pump-rig.ts";

/** A limit that nobody has written is about what is kept. */

const MOST = 10_000;
const shared = { noContextTakeover: true, windowBits: 15 };
const rigOf = () =>
  createRig({
    deflate: sameOnBoth(shared),
    limits: { maxMessageBytes: MOST, maxFrameBytes: 0, passesAny: true },
  });
const bytesOf = (...specs: readonly FrameSpec[]) => Buffer.concat(specs.map(frame));

const plain: readonly FrameSpec[] = [{ opcode: 2, payload: Buffer.alloc(MOST + 1) }];
const fragments: readonly FrameSpec[] = [
  { opcode: 2, payload: Buffer.alloc(MOST), fin: false },
  { opcode: 0, payload: Buffer.alloc(1) },
];
const bomb: readonly FrameSpec[] = [{ opcode: 2, rsv: 4, payload: deflateAlone(Buffer.alloc(MOST + 1)) }];
const incompressible: readonly FrameSpec[] = [{ opcode: 2, rsv: 4, payload: Buffer.alloc(2 * MOST, 0xff) }];

test("what nobody reads has none: it goes on as it comes, compressed and in fragments too", (t) => {
  for (const specs of [plain, fragments, bomb, incompressible]) {
    const rig = rigOf();
    const bytes = bytesOf(...specs);
    rig.receive(bytes.subarray(0, -1));
    t.is(rig.bytes().length, bytes.length - 1);
    rig.receive(bytes.subarray(-1));
    t.true(rig.bytes().equals(bytes));
    t.deepEqual(rig.told, []);
  }
});

test("what policies read has it, from the message on that they read first", (t) => {
  for (const specs of [plain, fragments, bomb, incompressible]) {
    const rig = rigOf();
    rig.receive(...plain);
    rig.chain = [seatOf(() => unchanged)];
    rig.receive({ opcode: 2, payload: Buffer.alloc(MOST) });
    const good = rig.bytes().length;
    rig.receive(...specs, { opcode: 1, payload: "late" });
    t.deepEqual(rig.sent().at(-1), "close:1009message too big");
    t.is(rig.bytes().length, good + 2 + 2 + "message too big".length);
    t.deepEqual(rig.told, ["close received", "close sent 1009 message too big (wire-fault)"]);
  }
});

test("what operators might hold passes whole, beside policies that it is not for too, and not compressed to who cannot read that", (t) => {
  let unread = 0;
  const held = createHeldSeat(
    () => t.fail("it is not to be read"),
    () => unread++,
  );
  const forText = { ...seatOf(() => unchanged), matcher: () => TEXT };
  const chains = [[held], [createHeldSeat(() => t.fail()), forText, held]];
  for (const chain of chains) {
    for (const specs of [plain, fragments]) {
      const rig = rigOf();
      rig.chain = chain;
      rig.receive(...specs);
      t.true(rig.bytes().equals(bytesOf(...specs)));
    }
  }
  t.is(unread, 4);
  const rig = createRig({
    deflate: { from: shared, to: undefined, minBytes: 0, maxRatio: 0 },
    limits: { maxMessageBytes: MOST, maxFrameBytes: 0, passesAny: true },
  });
  rig.chain = [createHeldSeat((flow) => flow.settle({ kind: "skipped" }))];
  const payload = Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 7919) % 256));
  rig.receive({ opcode: 2, rsv: 4, payload: deflateAlone(payload) });
  t.true(rig.bytes().equals(bytesOf({ opcode: 2, payload })));
});

const TEXT = { fits: (binary: boolean) => !binary, matches: () => true };
