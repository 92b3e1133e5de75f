import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import { closeBody, cut, frame, framesOf, scanAll, sentMessages } from "../../wire/frames.ts";
import { createRig, fault, HeldSeat, seatOf, textPayload, unchanged } from "./pump-rig.ts";

const ping = { opcode: 9, payload: "p" };

test("property: without policies, any bytes go on as they came", (t) => {
  fc.assert(
    fc.property(sentMessages, fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const rig = createRig({ origin: "client" });
      let count = 0;
      const bytes = Buffer.concat(framesOf(messages, () => (count++ * 0x01234567) >>> 0).map(frame));
      for (const chunk of cut(bytes, cuts)) rig.receive(chunk);
      t.true(rig.bytes().equals(bytes));
      t.is(rig.pump.messages, messages.length);
    }),
  );
});

for (const origin of ["client", "server"] as const) {
  test(`property: a policy sees the ${origin}'s messages however they come, and unchanged they keep their bytes`, (t) => {
    fc.assert(
      fc.property(sentMessages, fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
        const seen: string[] = [];
        const rig = createRig({ origin });
        rig.chain = [
          seatOf((body) => {
            seen.push(body);
            return unchanged;
          }),
        ];
        let key = 0;
        const specs = framesOf(messages, origin === "client" ? () => key++ : undefined);
        for (const chunk of cut(Buffer.concat(specs.map(frame)), cuts)) rig.receive(chunk);

        const bodies = messages.map(({ parts }) => Buffer.concat(parts).toString());
        t.true(isDeepStrictEqual(seen, bodies));
        // Controls between the fragments of a message leave at once, and so before it.
        const isData = ({ opcode }: { opcode: number }) => opcode < 8;
        const { frames } = scanAll([rig.bytes()], { masked: origin === "client" });
        const out = frames.filter(isData).map(({ payload, fin }) => [payload.toString(), fin]);
        const into = specs.filter(isData).map(({ payload, fin }) => [`${payload}`, fin]);
        t.true(isDeepStrictEqual(out, into));
        const controls = (list: readonly { opcode: number; payload?: unknown }[]) =>
          list.filter((spec) => !isData(spec)).map(({ payload }) => `${payload}`);
        t.true(isDeepStrictEqual(controls(frames), controls(specs)));
        t.is(
          rig.bytes().length,
          specs.reduce((sum, spec) => sum + frame(spec).length, 0),
        );
      }),
    );
  });
}

test("a large message in two fragments and many chunks is read whole, and keeps its bytes", (t) => {
  const rig = createRig({ origin: "client" });
  const body = Array.from({ length: 8000 }, (_, i) => `é${i},`).join("");
  const payload = Buffer.from(body);
  rig.chain = [seatOf((seen) => (seen === body ? unchanged : fault))];
  const key = 0x01020304;
  const first = frame({ opcode: 1, payload: payload.subarray(0, 33_333), fin: false, key });
  const wire = Buffer.concat([first, frame({ opcode: 0, payload: payload.subarray(33_333), key })]);
  for (const chunk of cut(wire, [5, 9000, 9001, 29_001, 41_003, wire.length - 3])) rig.receive(chunk);
  t.true(rig.bytes().equals(wire));
});

test("messages, pings and the close keep their order while a verdict is pending", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive({ opcode: 1, payload: "a" }, ping, { opcode: 1, payload: "b" }, { opcode: 10, payload: "q" });
  rig.receive({ opcode: 8, payload: closeBody(4000, "bye") });
  t.deepEqual(rig.sent(), []);
  t.deepEqual(seat.bodies, ["a", "b"]);
  seat.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:a", "ping:p"]);
  t.deepEqual(rig.told, ["close received"]);
  seat.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:a", "ping:p", "text:b", "pong:q", "close:4000bye"]);
  t.deepEqual(rig.told, ["close received", "close sent 4000 bye (peer)"]);
});

test("messages are numbered and dated as they are completed", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  const before = Date.now();
  rig.receive({ opcode: 1, payload: "a" }, { opcode: 2, payload: "b", fin: false }, { opcode: 0 });
  const [first, second] = seat.calls;
  t.deepEqual([first?.sequence, second?.sequence], [1, 2]);
  t.deepEqual([first?.payload.binary, second?.payload.binary], [false, true]);
  const [firstAt = 0, secondAt = 0] = [first?.time, second?.time];
  t.true(firstAt >= before && firstAt <= secondAt);
});

test("a ping between fragments leaves at once, the fragments together", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  const [begin, end] = [
    frame({ opcode: 1, payload: "he", fin: false }),
    frame({ opcode: 0, payload: "llo" }),
  ];
  rig.receive(begin);
  rig.receive(frame(ping).subarray(0, 1));
  rig.receive(Buffer.concat([frame(ping).subarray(1), end]));
  t.deepEqual(rig.sent(), ["ping:p"]);
  t.deepEqual(seat.bodies, ["hello"]);
  seat.settle(unchanged);
  t.deepEqual(rig.bytes(), Buffer.concat([frame(ping), begin, end]));
});

test("a policy that comes while a fragmented message is under way gets the next one", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.receive({ opcode: 1, payload: "a", fin: false });
  rig.chain = [seat];
  rig.receive({ opcode: 0, payload: "b" }, { opcode: 1, payload: "c" });
  t.deepEqual(rig.sent(), ["text-:a", "more:b"]);
  rig.chain = [];
  rig.receive({ opcode: 1, payload: "d" });
  t.deepEqual(seat.bodies, ["c"]);
  seat.settle(unchanged);
  t.deepEqual(rig.sent().slice(2), ["text:c", "text:d"]);
});

test("an inserted message waits for a spliced frame, and message, to end", (t) => {
  const rig = createRig();
  const first = frame({ opcode: 1, payload: "first", fin: false });
  rig.receive(first.subarray(0, 4));
  rig.pump.inject([textPayload("x"), textPayload("y")]);
  rig.receive(first.subarray(4), ping);
  t.deepEqual(rig.sent(), ["text-:first", "ping:p"]);
  rig.receive({ opcode: 0, payload: "last" }, { opcode: 1, payload: "next" });
  t.deepEqual(rig.sent().slice(2), ["more:last", "text:x", "text:y", "text:next"]);
  rig.pump.inject([textPayload("z")]);
  t.is(rig.sent().at(-1), "text:z");
});

test("an inserted message does not wait for one that its policies hold, nor goes before it in the queue", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive({ opcode: 1, payload: "be", fin: false });
  rig.pump.inject([textPayload("x")]);
  t.deepEqual(rig.sent(), ["text:x"]);
  rig.receive({ opcode: 0, payload: "gun" });
  rig.pump.inject([textPayload("y")]);
  seat.settle(unchanged);
  t.deepEqual(rig.sent(), ["text:x", "text-:be", "more:gun", "text:y"]);
});

test("an inserted message waits for the end of a ping that is passing between held fragments", (t) => {
  const rig = createRig();
  rig.chain = [seatOf(() => unchanged)];
  const half = frame({ opcode: 9, payload: "ping" });
  rig.receive({ opcode: 1, payload: "a", fin: false }, half.subarray(0, 3));
  rig.pump.inject([textPayload("x")]);
  rig.receive(half.subarray(3), { opcode: 0, payload: "b" });
  t.deepEqual(rig.sent(), ["ping:ping", "text:x", "text-:a", "more:b"]);
});

test("towards the server what is inserted is masked", (t) => {
  const rig = createRig({ origin: "client" });
  rig.pump.inject([textPayload("x")]);
  t.deepEqual(rig.bytes(), frame({ opcode: 1, payload: "x", key: 0x01020304 }));
});

test("the marks of the queue are told, up and down", (t) => {
  const rig = createRig();
  const seat = new HeldSeat();
  rig.chain = [seat];
  rig.receive({ opcode: 2, payload: Buffer.alloc(200_000) });
  t.false(rig.pump.isFull);
  rig.receive({ opcode: 2, payload: Buffer.alloc(200_000) });
  t.true(rig.pump.isFull);
  seat.settle(unchanged);
  t.true(rig.pump.isFull);
  seat.settle(unchanged);
  t.deepEqual(rig.told, ["full", "relieved"]);
  t.true(rig.pump.isIdle);
});
