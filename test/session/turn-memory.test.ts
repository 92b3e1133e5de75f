import test from "ava";
import fc from "fast-check";
import { TurnMemory } from "../../core/session/turn-memory.ts";

type Step =
  | { readonly type: "copy"; readonly size: number }
  | { readonly type: "giveUp"; readonly which: number }
  | { readonly type: "endTurn" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("copy" as const),
        size: fc.oneof(fc.nat(300), fc.integer({ min: 7_000, max: 9_000 }), fc.nat(300_000)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("giveUp" as const), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.constant({ type: "endTurn" as const }) },
  ),
  { maxLength: 60 },
);

test("property: what is lent, and what was given up, nobody else writes over", (t) => {
  fc.assert(
    fc.property(steps, (steps) => {
      const memory = new TurnMemory();
      let fill = 0;
      let lent: { readonly bytes: Buffer; readonly expected: Buffer }[] = [];
      const kept: typeof lent = [];
      for (const step of steps) {
        if (step.type === "copy") {
          const source = Buffer.alloc(step.size + 7, ++fill);
          lent.push({
            bytes: memory.copy(source, 3, 3 + step.size),
            expected: Buffer.alloc(step.size, fill),
          });
        } else if (step.type === "endTurn") {
          memory.endTurn();
          lent = [];
        } else if (lent.length > 0) {
          const [one] = lent.splice(step.which % lent.length, 1);
          if (one === undefined || one.bytes.length === 0) continue;
          memory.giveUp(one.bytes.buffer);
          kept.push(one);
        }
        for (const { bytes, expected } of [...lent, ...kept]) if (!bytes.equals(expected)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test("turn after turn the same memory is lent", (t) => {
  const memory = new TurnMemory();
  const source = Buffer.alloc(100_000);
  const turn = () => {
    const used = [64, 64, 5_000, 60_000, 100_000].map((size) => memory.copy(source, 0, size).buffer);
    memory.endTurn();
    return new Set(used);
  };
  const first = turn();
  t.is(first.size, 3);
  for (let i = 0; i < 10; i++)
    t.deepEqual(
      [...turn()].filter((one) => !first.has(one)),
      [],
    );
});
