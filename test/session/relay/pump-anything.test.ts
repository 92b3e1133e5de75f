import test from "ava";
import fc from "fast-check";
import type { Outcome } from "../../../sandbox/contract/verdicts.ts";
import { closeBody, cut, type FrameSpec, frame } from "../../wire/frames.ts";
import { createRig, fault, HeldSeat, textPayload, unchanged, verdict } from "./pump-rig.ts";

/** Whatever comes together, the receiver sees a stream of whole frames that ends at the first Close. */

type Step =
  | { readonly type: "frames"; readonly frames: readonly FrameSpec[]; readonly cuts: readonly number[] }
  | { readonly type: "half"; readonly size: number }
  | { readonly type: "settle"; readonly outcomes: readonly Outcome[] }
  | { readonly type: "inject" | "close" | "policies" | "no policies" | "end" };

const frames: fc.Arbitrary<FrameSpec> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ opcode: fc.constantFrom(0, 1, 2), payload: fc.string(), fin: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ opcode: fc.constantFrom(1, 2), payload: fc.string() }) },
  { weight: 3, arbitrary: fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.string() }) },
  { weight: 1, arbitrary: fc.constant({ opcode: 8, payload: closeBody(1000) }) },
  { weight: 1, arbitrary: fc.constant({ opcode: 1, payload: Buffer.of(0xff) }) },
);

const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(unchanged),
  fc.constant(fault),
  fc.constantFrom(
    verdict({ body: "new" }),
    verdict({ drop: true }),
    verdict({ append: ["x", "y"] }),
    verdict({ close: 4001, append: ["x"] }),
  ),
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("frames" as const),
      frames: fc.array(frames, { minLength: 1, maxLength: 4 }),
      cuts: fc.array(fc.nat(), { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("half" as const), size: fc.nat(20) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("settle" as const),
      outcomes: fc.array(outcomes, { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("inject" as const, "policies" as const, "no policies" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("close" as const, "end" as const) }) },
);

function play(script: readonly Step[], onError: "close" | "drop" | "pass") {
  const rig = createRig({ onError });
  const seats = [new HeldSeat(), new HeldSeat()];
  let rest: Buffer = Buffer.alloc(0);
  let isEnded = false;
  const settle = (next: () => Outcome) => {
    for (const seat of seats) while (seat.calls.length > 0) seat.settle(next());
  };
  for (const step of script) {
    switch (step.type) {
      case "frames":
        if (isEnded) break;
        for (const chunk of cut(Buffer.concat([rest, ...step.frames.map(frame)]), step.cuts))
          rig.receive(chunk);
        rest = Buffer.alloc(0);
        break;
      case "half": {
        if (isEnded || rest.length > 0) break;
        const bytes = frame({ opcode: 2, payload: "half a frame" });
        rig.receive(bytes.subarray(0, step.size));
        rest = bytes.subarray(step.size);
        break;
      }
      case "settle":
        for (const [index, outcome] of step.outcomes.entries()) {
          const seat = seats[index % 2];
          if (seat !== undefined && seat.calls.length > 0) seat.settle(outcome);
        }
        break;
      case "inject":
        rig.pump.inject([textPayload("injected")]);
        break;
      case "close":
        rig.pump.close({ code: 1001, reason: "" });
        break;
      case "policies":
        rig.chain = seats;
        break;
      case "no policies":
        rig.chain = [];
        break;
      case "end":
        isEnded = true;
        rig.pump.receiveEnd();
    }
  }
  // The rest of a half frame comes, and all verdicts.
  if (!isEnded) rig.receive(rest);
  settle(() => unchanged);
  return { rig, isEnded, isCutShort: isEnded && rest.length > 0 };
}

test("property: only whole frames, one Close at most, nothing behind it, nothing left behind", (t) => {
  fc.assert(
    fc.property(
      fc.array(steps, { maxLength: 14 }),
      fc.constantFrom("close" as const, "drop" as const, "pass" as const),
      (script, onError) => {
        const { rig, isEnded, isCutShort } = play(script, onError);
        t.true(rig.pump.isIdle);
        // With FIN in the middle of a frame the receiver's last frame is as short as it came.
        if (isCutShort) return;
        const sent = rig.sent();
        const closes = sent.filter((line) => line.startsWith("close:"));
        t.true(closes.length <= 1);
        if (closes.length === 1) t.true(sent.at(-1)?.startsWith("close:"));
        const told = (start: string) => rig.told.filter((line) => line.startsWith(start)).length;
        t.is(told("close sent"), closes.length);
        t.true(told("close received") <= 1);
        t.is(told("fin") > 0, isEnded);
      },
    ),
    { numRuns: 1000 },
  );
});
