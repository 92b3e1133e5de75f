import test from "ava";
import fc from "fast-check";
import { TurnMemory } from "../../core/session/turn-memory.ts";

type Step =
  | { readonly type: "copy"; readonly size: number }
  | { readonly type: "giveUp"; readonly which: number }
  | { readonly type: "take"; readonly size: number }
  | { readonly type: "leave" | "giveBack"; readonly which: number }
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
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("take" as const),
        size: fc.integer({ min: 1, max: 300_000 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constantFrom("leave" as const, "giveBack" as const), which: fc.nat() }),
    },
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
      const taken: typeof lent = [];
      for (const step of steps) {
        if (step.type === "copy") {
          const source = Buffer.alloc(step.size + 7, ++fill);
          lent.push({
            bytes: memory.copy(source, 3, 3 + step.size),
            expected: Buffer.alloc(step.size, fill),
          });
        } else if (step.type === "take") {
          const bytes = memory.take(step.size).fill(++fill);
          taken.push({ bytes, expected: Buffer.alloc(step.size, fill) });
        } else if (step.type === "leave" || step.type === "giveBack") {
          const [one] = taken.splice(step.which % Math.max(1, taken.length), 1);
          if (one === undefined) continue;
          memory[step.type](one.bytes.buffer);
          // What is said twice, or of memory that was never taken, is said of nothing.
          memory[step.type](one.bytes.buffer);
          for (const { bytes } of kept) memory[step.type](bytes.buffer);
          if (step.type === "leave") lent.push(one);
        } else if (step.type === "endTurn") {
          memory.endTurn();
          lent = [];
        } else if (lent.length > 0) {
          const [one] = lent.splice(step.which % lent.length, 1);
          if (one === undefined || one.bytes.length === 0) continue;
          memory.giveUp(one.bytes.buffer);
          kept.push(one);
        }
        for (const { bytes, expected } of [...lent, ...kept, ...taken])
          if (!bytes.equals(expected)) return false;
      }
      return true;
    }),
    { numRuns: 100 },
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

test("what was taken and has left is taken again; memory of sizes that nobody asks for any more goes first", (t) => {
  const memory = new TurnMemory();
  const pass = (size: number, count: number) => {
    const taken = Array.from({ length: count }, () => memory.take(size).buffer);
    for (const one of taken) memory.leave(one);
    memory.endTurn();
    return new Set(taken);
  };
  pass(300_000, 12);
  const used = pass(65_550, 40);
  t.is(used.size, 40);
  t.is(new Set([...used, ...pass(65_550, 40)]).size, 40);
});

test("what is given back is there at once, also when no turn ends", (t) => {
  const memory = new TurnMemory();
  const used = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    const { buffer } = memory.take(65_550);
    used.add(buffer);
    memory.giveBack(buffer);
  }
  t.is(used.size, 1);
});
