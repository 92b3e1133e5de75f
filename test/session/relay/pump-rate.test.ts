import test from "ava";
import type { RateGate } from "../../../core/session/limits/rate-gate.ts";
import { type FrameSpec, frame, splitBytes } from "../../wire/frames.ts";
import { createRig, HeldSeat, unchanged } from "./pump-rig.ts";

/** Lets the messages through whose number is even. */
function everyOther(action: RateGate["action"]): RateGate {
  let asked = 0;
  return {
    action,
    tryTake: () => asked++ % 2 === 0,
    take() {},
    debtMs: () => 0,
    countDelay() {},
    leave() {},
  };
}

const stream: FrameSpec[] = [
  { opcode: 1, payload: "zero" },
  { opcode: 1, payload: "one" },
  { opcode: 1, payload: "two", fin: false },
  { opcode: 9, payload: "inside two" },
  { opcode: 0, payload: "!" },
  { opcode: 2, payload: "three", fin: false },
  { opcode: 9, payload: "inside three" },
  { opcode: 0, payload: "?", fin: false },
  { opcode: 10, payload: "own pong" },
  { opcode: 10, payload: "pong" },
  { opcode: 0 },
  { opcode: 1, payload: "four" },
  { opcode: 1, payload: "five", fin: false },
  { opcode: 8, payload: "" },
];
const chunkings = {
  whole: [Buffer.concat(stream.map(frame))],
  bytewise: splitBytes(Buffer.concat(stream.map(frame))),
};

for (const [name, chunks] of Object.entries(chunkings)) {
  test(`${name}: messages are dropped whole, what is inside them is not`, (t) => {
    const rig = createRig({ rate: everyOther("drop"), ownPong: Buffer.from("own pong") });
    for (const chunk of chunks) rig.pump.receive(chunk);
    t.deepEqual(rig.sent(), [
      ...["text:zero", "text-:two", "ping:inside two", "more:!"],
      ...["ping:inside three", "pong:pong", "text:four", "close:"],
    ]);
    t.is(rig.pump.messages, 5);
  });

  test(`${name}: a policy does not see what is dropped`, (t) => {
    const rig = createRig({ rate: everyOther("drop") });
    const seat = new HeldSeat();
    rig.chain = [seat];
    for (const chunk of chunks) rig.pump.receive(chunk);
    t.deepEqual(seat.bodies, ["zero", "two!", "four"]);
    seat.settle(unchanged, unchanged, unchanged);
    t.deepEqual(
      rig.sent().filter((line) => !line.startsWith("p")),
      ["text:zero", "text-:two", "more:!", "text:four", "close:"],
    );
  });

  test(`${name}: where the rate closes, what came before is delivered`, (t) => {
    const rig = createRig({ rate: everyOther("close") });
    for (const chunk of chunks) rig.pump.receive(chunk);
    t.deepEqual(rig.sent(), ["text:zero", "close:1008rate exceeded"]);
    t.deepEqual(rig.told.slice(0, 2), ["rate exceeded", "close sent 1008 rate exceeded (gateway)"]);
  });
}

test("frames of the gateway's own go in where a dropped message ends", (t) => {
  const rig = createRig({ rate: everyOther("drop") });
  rig.receive({ opcode: 1, payload: "zero" }, { opcode: 1, payload: "one", fin: false });
  rig.pump.inject([{ binary: false, bytes: Buffer.from("reply") }]);
  rig.receive({ opcode: 0, payload: "more of one" }, { opcode: 1, payload: "two" });
  t.deepEqual(rig.sent(), ["text:zero", "text:reply", "text:two"]);
});
