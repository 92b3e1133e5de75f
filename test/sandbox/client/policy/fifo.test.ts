import test from "ava";
import fc from "fast-check";
import { Fifo } from "../../../../sandbox/client/policy/fifo.ts";

type Step = "push" | "shift" | "take-all" | readonly number[];

test("whatever comes and goes, it is a list that is taken from the front", (t) => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.constant("push" as const) },
    { weight: 4, arbitrary: fc.constant("shift" as const) },
    fc.constant("take-all" as const),
    fc.array(fc.nat(), { maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      for (const [i, one] of steps.entries()) {
        if (one === "push") {
          fifo.push(i);
          model.push(i);
        } else if (one === "shift") {
          if (model.length > 0) fifo.shift();
          model.shift();
        } else if (one === "take-all") {
          t.deepEqual(fifo.takeAll(), model);
          model = [];
        } else {
          fifo.unshift(one);
          model.unshift(...one);
        }
        t.is(fifo.length, model.length);
        t.is(fifo.peek(), model[0]);
      }
      t.deepEqual(fifo.takeAll(), model);
    }),
  );
});

test("a queue that was long once keeps its order where its front moves up", (t) => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 10_000; i++) fifo.push(i);
  for (let i = 0; i < 9000; i++) {
    if (fifo.peek() !== i) return t.fail(`${fifo.peek()} in place of ${i}`);
    fifo.shift();
  }
  fifo.push(10_000);
  t.deepEqual([fifo.length, fifo.takeAll().at(-1), fifo.length], [1001, 10_000, 0]);
});
