import test from "ava";
import { ISOLATE_LIMITS, OutsideMemory } from "../../../../sandbox/host/limits/outside-memory.ts";

const MIB = 2 ** 20;
const LOOK_EVERY = 20;

test("a collection is due when 64 MiB have come since the least that there was", (t) => {
  const process = memoryOf({ heap: 8, outside: 100 });
  t.false(process.isDue());
  process.outside = 30;
  t.false(process.isDue());
  process.outside = 94;
  t.false(process.isDue());
  process.outside = 95;
  t.true(process.isDue());
});

test("what a collection leaves is in use, and makes no other", (t) => {
  const process = memoryOf({ heap: 8, outside: 10 });
  t.false(process.isDue());
  process.outside = 200;
  t.true(process.isDue());
  process.collect(150);
  t.false(process.isDue());
  process.outside = 214;
  t.false(process.isDue());
  process.outside = 215;
  t.true(process.isDue());
});

test("the larger the heap, which a collection walks over, the more garbage is worth one", (t) => {
  const process = memoryOf({ heap: 300, outside: 0 });
  t.false(process.isDue());
  process.outside = 300;
  t.false(process.isDue());
  process.outside = 301;
  t.true(process.isDue());
});

test("of an isolate: 8 MiB are enough, once it has been asked often enough since the last collection", (t) => {
  let outside = 0;
  const memory = new OutsideMemory(
    {
      read: () => ({ used_heap_size: MIB, external_memory: outside * MIB }),
      collect() {
        outside = 0;
      },
    },
    ISOLATE_LIMITS,
  );
  const askTimes = (count: number): number[] => {
    const due: number[] = [];
    for (let asked = 1; asked <= count; asked++) if (memory.isDue()) due.push(asked);
    return due;
  };
  t.false(memory.isDue());
  outside = 9;
  t.deepEqual(askTimes(99), [99]);
  memory.collect();
  outside = 9;
  t.deepEqual(askTimes(100), [100]);
  memory.collect();
  outside = 8;
  t.deepEqual(askTimes(100), []);
  outside = 9;
  t.deepEqual(askTimes(1), [1]);
});

/** A process with so many MiB, which is looked at once. */
function memoryOf({ heap, outside }: { readonly heap: number; readonly outside: number }) {
  let looks = 0;
  const one = {
    outside,
    isDue(): boolean {
      const before = looks;
      let isDue = false;
      for (let entry = 0; entry < LOOK_EVERY; entry++) isDue = memory.isDue();
      if (looks !== before + 1) throw new Error(`looked ${looks - before} times in ${LOOK_EVERY} entries`);
      return isDue;
    },
    collect(left: number): void {
      one.outside = left;
      memory.collect();
    },
  };
  const memory = new OutsideMemory({
    read() {
      looks++;
      return { used_heap_size: heap * MIB, external_memory: one.outside * MIB };
    },
    collect() {},
  });
  return one;
}
