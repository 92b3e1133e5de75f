import test from "ava";
import { closeBody, type FrameSpec, frame, splitBytes } from "../../wire/frames.ts";
import { createRig, HeldSeat, unchanged, verdict } from "./pump-rig.ts";

const ownPong = Buffer.from("our-own!");
const ours: FrameSpec = { opcode: 10, payload: "our-own!" };
const theirs: FrameSpec = { opcode: 10, payload: "notours!" };
const stream = [
  { opcode: 1, payload: "a" },
  ours,
  theirs,
  { opcode: 1, payload: "b", fin: false },
  ours,
  { opcode: 10, payload: "short" },
  theirs,
  ours,
  { opcode: 0, payload: "c" },
  ours,
  { opcode: 9, payload: "our-own!" },
];
const expected = [
  "text:a",
  "pong:notours!",
  "text-:b",
  "pong:short",
  "pong:notours!",
  "more:c",
  "ping:our-own!",
];

for (const origin of ["client", "server"] as const) {
  const frames = stream.map((spec) => (origin === "client" ? { ...spec, key: 0x0a0b0c0d } : spec));

  test(`${origin}: of all frames the gateway's own pongs alone end here, however they come`, (t) => {
    const whole = createRig({ origin, ownPong });
    whole.receive(...frames);
    t.deepEqual(whole.sent(), expected);
    const bytewise = createRig({ origin, ownPong });
    for (const byte of splitBytes(Buffer.concat(frames.map(frame)))) bytewise.pump.receive(byte);
    t.deepEqual(bytewise.sent(), expected);
  });

  test(`${origin}: the same beside messages that policies read`, (t) => {
    for (const isSplit of [false, true]) {
      const rig = createRig({ origin, ownPong });
      const seat = new HeldSeat();
      rig.chain = [seat];
      const bytes = Buffer.concat(frames.map(frame));
      for (const chunk of isSplit ? splitBytes(bytes) : [bytes]) rig.pump.receive(chunk);
      t.deepEqual(seat.bodies, ["a", "bc"]);
      seat.settle(unchanged, unchanged);
      // Control frames inside a message that is put together go before it.
      t.deepEqual(rig.sent(), [
        ...["text:a", "pong:notours!", "pong:short", "pong:notours!", "text-:b", "more:c"],
        "ping:our-own!",
      ]);
    }
  });
}

test("a ping goes between frames and fragments, never into one", (t) => {
  const rig = createRig();
  const message = frame({ opcode: 1, payload: "abc", fin: false });
  rig.pump.receive(message.subarray(0, 3));
  t.false(rig.pump.ping(ownPong));
  rig.pump.receive(message.subarray(3));
  t.true(rig.pump.ping(ownPong));
  rig.receive({ opcode: 0, payload: "d" });
  t.deepEqual(rig.sent(), ["text-:abc", "ping:our-own!", "more:d"]);
});

test("a ping does not wait for a policy", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive({ opcode: 1, payload: "a" });
  t.true(rig.pump.ping(ownPong));
  t.deepEqual(rig.sent(), ["ping:our-own!"]);
});

test("after Close no ping goes", (t) => {
  const rig = createRig();
  rig.pump.close({ code: 1001, reason: "" });
  t.false(rig.pump.ping(ownPong));
});

test("a policy closes in the middle of a pong: what comes after it is not written where the pong was", (t) => {
  // However the bytes are aligned: long frames are unmasked by words where they can be.
  for (const padding of [0, 1, 2, 3]) {
    const rig = createRig({ ownPong });
    const seat = new HeldSeat();
    rig.chain = [seat];
    const pong = frame(theirs);
    rig.receive({ opcode: 1, payload: "a" }, pong.subarray(0, 4));
    seat.settle(verdict({ close: 4000 }));
    rig.receive(
      pong.subarray(4),
      { opcode: 9, payload: Buffer.alloc(padding) },
      { opcode: 2, payload: Buffer.alloc(60_000, 1) },
      { opcode: 8, payload: closeBody(4000) },
    );
    t.deepEqual(rig.sent(), ["close:4000"]);
    t.deepEqual(rig.told, ["flow close 4000 (policy)", "close sent 4000  (gateway)", "close received"]);
  }
});
