import test from "ava";
import { deflateMessage, inflateMessage } from "../../../core/wire/deflate.ts";
import { closeBody, frame, scanAll } from "../../wire/frames.ts";
import { createRig, fault, HeldSeat, sameOnBoth, seatOf, unchanged, verdict } from "./pump-rig.ts";

const text = (payload: string) => ({ opcode: 1, payload });

/** What the receiver gets for messages "1", "2", "3" when message "2" has this verdict. */
function play(outcome: ReturnType<typeof verdict>, onError: "close" | "drop" | "pass" = "close") {
  const rig = createRig({ onError });
  rig.chain = [seatOf((body) => (body === "2" ? outcome : unchanged))];
  rig.receive(text("1"), text("2"), text("3"));
  return { sent: rig.sent(), told: rig.told, replies: rig.replies };
}

test("replaced, dropped, answered, followed", (t) => {
  t.deepEqual(play(verdict({ body: "two" })).sent, ["text:1", "text:two", "text:3"]);
  t.deepEqual(play(verdict({ drop: true })).sent, ["text:1", "text:3"]);
  t.deepEqual(play(verdict({ append: ["2a", "2b"] })).sent, [
    "text:1",
    "text:2",
    "text:2a",
    "text:2b",
    "text:3",
  ]);
  t.deepEqual(play(verdict({ drop: true, append: ["2a"] })).sent, ["text:1", "text:2a", "text:3"]);
  const { sent, replies } = play(verdict({ drop: true, reply: ["no", "never"] }));
  t.deepEqual(sent, ["text:1", "text:3"]);
  t.deepEqual(replies, ["no", "never"]);
});

const policyClose = ["flow close 4001 (policy)", "close sent 4001  (gateway)"];

test("close: what came before is delivered, the message and what comes after is not", (t) => {
  const { sent, told } = play(verdict({ close: 4001 }));
  t.deepEqual(sent, ["text:1", "close:4001"]);
  t.deepEqual(told, policyClose);
});

test("close with content lets that content through", (t) => {
  t.deepEqual(play(verdict({ close: 4001, body: "last" })).sent, ["text:1", "text:last", "close:4001"]);
});

test("close with append and reply: both are delivered first", (t) => {
  const { sent, replies } = play(verdict({ close: 4001, append: ["a"], reply: ["r"] }));
  t.deepEqual(sent, ["text:1", "text:a", "close:4001"]);
  t.deepEqual(replies, ["r"]);
});

test("a fault does what onError says", (t) => {
  t.deepEqual(play(fault, "pass").sent, ["text:1", "text:2", "text:3"]);
  t.deepEqual(play(fault, "drop").sent, ["text:1", "text:3"]);
  const { sent, told } = play(fault, "close");
  t.deepEqual(sent, ["text:1", "close:1011internal error"]);
  t.deepEqual(told[0], "flow close 1011 (fault)");
});

test("a chain: each policy sees what the one before made of it, and what it appended", (t) => {
  const rig = createRig();
  const seen: string[] = [];
  rig.chain = [
    seatOf((body) => verdict({ body: `${body}!`, append: [`${body}+`] })),
    seatOf((body) => {
      seen.push(body);
      return body === "1+" ? verdict({ append: ["1++"] }) : unchanged;
    }),
    seatOf((body) => verdict({ body: `<${body}>` })),
  ];
  rig.receive(text("1"), text("2"));
  t.deepEqual(seen, ["1!", "1+", "2!", "2+"]);
  t.deepEqual(rig.sent(), ["text:<1!>", "text:<1+>", "text:<1++>", "text:<2!>", "text:<2+>"]);
});

test("a later policy's append comes right behind the message, before an earlier policy's", (t) => {
  const rig = createRig();
  rig.chain = [
    seatOf(() => verdict({ append: ["early"] })),
    seatOf((body) => (body === "m" ? verdict({ append: ["late"] }) : unchanged)),
  ];
  rig.receive(text("m"));
  t.deepEqual(rig.sent(), ["text:m", "text:late", "text:early"]);
});

test("a dropped message goes no further down the chain, what was appended to it does", (t) => {
  const rig = createRig();
  const second = new HeldSeat();
  rig.chain = [seatOf(() => verdict({ drop: true, append: ["x"] })), second];
  rig.receive(text("m"));
  t.deepEqual(second.bodies, ["x"]);
  second.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:x"]);
});

test("a later policy's close ends it before what an earlier policy appended", (t) => {
  const rig = createRig();
  rig.chain = [
    seatOf(() => verdict({ append: ["x"] })),
    seatOf((body) => (body === "m" ? verdict({ close: 4001 }) : unchanged)),
  ];
  rig.receive(text("m"));
  t.deepEqual(rig.sent(), ["close:4001"]);
});

test("a close on an appended message ends it there, once", (t) => {
  const rig = createRig();
  rig.chain = [
    seatOf(() => verdict({ append: ["a", "b", "c"], close: 4001, body: "m" })),
    seatOf((body) => (body === "b" ? verdict({ close: 4002 }) : unchanged)),
  ];
  rig.receive(text("m"), text("n"));
  t.deepEqual(rig.sent(), ["text:m", "text:a", "close:4002"]);
  t.deepEqual(
    rig.told.filter((line) => line.startsWith("close sent")),
    ["close sent 4002  (gateway)"],
  );
});

test("a policy's close goes over the sender's own that waits behind it", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive(text("1"), text("2"), { opcode: 9 }, { opcode: 8, payload: closeBody(1000) });
  rig.pump.receiveEnd();
  seat.settle(verdict({ close: 4001 }), unchanged);
  t.deepEqual(rig.sent(), ["close:4001"]);
  t.deepEqual(rig.told, ["close received", ...policyClose, "fin"]);
});

test("after a policy's close the sender's own is still awaited, also where the gateway had closed already", (t) => {
  for (const isClosing of [false, true]) {
    const rig = createRig();
    const seat = new HeldSeat();
    rig.chain = [seat];
    rig.receive(text("1"));
    if (isClosing) rig.pump.close({ code: 1001, reason: "" });
    seat.settle(verdict({ close: 4001 }));
    rig.receive(text("late"), { opcode: 8, payload: closeBody(4001) });
    t.deepEqual(rig.sent(), ["close:4001"]);
    t.deepEqual(rig.told, [...policyClose, "close received"]);
  }
});

const alone = { noContextTakeover: true, windowBits: 15 };

test("compressed messages are read inflated; unchanged they keep their bytes, replaced they are compressed anew", (t) => {
  const rig = createRig({ deflate: sameOnBoth(alone) });
  const original = Buffer.from("ab".repeat(1000));
  const first = frame({ opcode: 1, rsv: 4, payload: deflateMessage(original, alone, 1024) });
  const replacement = "z".repeat(3000);
  rig.chain = [seatOf((body) => (body === original.toString() ? unchanged : verdict({ body: replacement })))];
  rig.receive(first, text("plain"));

  t.true(rig.bytes().subarray(0, first.length).equals(first));
  const [, second] = scanAll([rig.bytes()], { allowRsv1: true }).frames;
  t.true(second?.rsv1);
  t.deepEqual(inflateMessage(second?.payload ?? Buffer.alloc(0), 10_000), {
    bytes: Buffer.from(replacement),
  });
});
