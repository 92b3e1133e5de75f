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

test("what a hook sends that ran between two messages goes between them, whoever has come meanwhile", (t) => {
  const rig = createRig();
  const [before, policy, after] = [new HeldSeat(), new HeldSeat(), new HeldSeat()] as const;
  rig.chain = [before, policy, after];
  for (const payload of ["1", "2", "3"]) rig.receive({ opcode: 1, payload });
  before.settle(unchanged, unchanged);
  policy.settle(unchanged);
  rig.pump.injectThrough([after], [text("a"), text("b")], policy);
  rig.pump.injectThrough([], [text("c")], policy);
  rig.receive({ opcode: 9, payload: "" }, { opcode: 1, payload: "4", fin: false });
  t.deepEqual(after.bodies, ["1", "a", "b"]);
  policy.settle(unchanged);
  before.settle(unchanged);
  policy.settle(unchanged);
  after.settle(unchanged, unchanged, unchanged, unchanged, unchanged);
  t.deepEqual(rig.sent(), ["text:1", "text:a", "text:b", "text:c", "text:2", "text:3", "ping:"]);
  // All that is here it has answered, and no other message goes before it.
  rig.chain = [after, policy];
  rig.pump.injectThrough([], [text("d")], policy);
  rig.receive({ opcode: 0, payload: "" });
  t.is(rig.sent().at(-1), "text:d");
  t.is(rig.pump.bufferedBytes, 1);
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
