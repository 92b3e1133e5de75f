import test from "ava";
import type { Payload } from "../../../sandbox/contract/hooks.ts";
import { createRig, HeldSeat, seatOf, unchanged, verdict } from "./pump-rig.ts";

const text = (body: string): Payload => ({ binary: false, bytes: Buffer.from(body) });

test("what a policy sends unprompted passes its path, in order with what others have sent", (t) => {
  const rig = createRig();
  const path = [seatOf((body) => verdict({ body: `${body}!` })), new HeldSeat()] as const;
  const reader = new HeldSeat();
  rig.chain = [reader];
  rig.pump.injectThrough(path, [text("a"), text("b")]);
  rig.receive({ opcode: 1, payload: "m" });
  reader.settle(unchanged);
  rig.pump.injectThrough([], [text("c")]);
  t.deepEqual(path[1].bodies, ["a!", "b!"]);
  t.deepEqual(rig.sent(), []);
  path[1].settle(unchanged, verdict({ drop: true }));
  t.deepEqual(rig.sent(), ["text:a!", "text:m", "text:c"]);
});

test("it waits for the end of a message that has begun to leave, which holds the session up, and asks nobody before", (t) => {
  const rig = createRig();
  const path = [new HeldSeat()];
  rig.receive({ opcode: 1, payload: "he", fin: false });
  rig.pump.injectThrough(path, [text("late")]);
  t.true(rig.pump.isHoldingBack);
  t.deepEqual(path[0]?.bodies, []);
  rig.receive({ opcode: 0, payload: "llo" });
  t.false(rig.pump.isHoldingBack);
  path[0]?.settle(unchanged);
  t.deepEqual(rig.sent(), ["text-:he", "more:llo", "text:late"]);
});

test("a policy of the path may close, and nothing is sent after a close", (t) => {
  const rig = createRig();
  rig.pump.injectThrough([seatOf(() => verdict({ close: 4001 }))], [text("a")]);
  rig.pump.injectThrough([seatOf(() => unchanged)], [text("b")]);
  t.deepEqual(rig.sent(), ["close:4001"]);
});
