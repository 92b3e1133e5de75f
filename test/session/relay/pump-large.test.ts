import test from "ava";
import fc from "fast-check";
import { cut, frame } from "../../wire/frames.ts";
import { createRig, HeldSeat, unchanged, verdict } from "./pump-rig.ts";

const sizes = fc.constantFrom(0, 10, 1_023, 1_024, 1_025, 16_383, 16_384, 66_000);
const messages = fc.array(
  fc.record({
    text: fc
      .tuple(fc.constantFrom("a", "é", "漢"), sizes)
      .map(([unit, size]) => unit.repeat(size / unit.length)),
    key: fc.integer({ min: 0, max: 0xffff_ffff }),
    opcode: fc.constantFrom(1, 2),
    /** What the policy makes of it; undefined: nothing. */
    body: fc.option(
      sizes.map((size) => "b".repeat(size)),
      { nil: undefined },
    ),
  }),
  { minLength: 1, maxLength: 5 },
);

for (const origin of ["client", "server"] as const) {
  test(`property: ${origin}'s messages of any size are read as they are, and leave as they came or as they were made`, (t) => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(200_000), { maxLength: 6 }), (messages, cuts) => {
        const rig = createRig({ origin });
        const seat = new HeldSeat();
        rig.chain = [seat];
        const frames = messages.map(({ text, key, opcode }) =>
          frame({ opcode, payload: text, ...(origin === "client" && { key }) }),
        );
        for (const chunk of cut(Buffer.concat(frames), cuts)) rig.pump.receive(chunk);
        t.deepEqual(
          seat.bodies,
          messages.map(({ text }) => text),
        );
        seat.settle(...messages.map(({ body }) => (body === undefined ? unchanged : verdict({ body }))));
        const key = 0x01020304;
        const expected = messages.map(({ body }, index) =>
          body === undefined
            ? (frames[index] as Buffer)
            : frame({ opcode: 1, payload: body, ...(origin === "client" && { key }) }),
        );
        t.true(rig.bytes().equals(Buffer.concat(expected)));
      }),
      { numRuns: 60 },
    );
  });
}

test("text that is none is refused with the piece of a large frame that it stands in", (t) => {
  const rig = createRig({ origin: "client" });
  rig.chain = [new HeldSeat()];
  const payload = Buffer.concat([Buffer.alloc(40_000, "a"), Buffer.of(0xff), Buffer.alloc(20_000, "a")]);
  const bytes = frame({ opcode: 1, payload, key: 0x11223344 });
  rig.pump.receive(bytes.subarray(0, 8));
  rig.pump.receive(bytes.subarray(8, 50_000));
  t.deepEqual(rig.told.slice(0, 2), ["close received", "close sent 1007 text is not UTF-8 (wire-fault)"]);
});
