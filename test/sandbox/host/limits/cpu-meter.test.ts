import test from "ava";
import { CpuMeter } from "../../../../sandbox/host/limits/cpu-meter.ts";

function meterOf() {
  const thread = { cpuMs: 1000, reads: 0 };
  const meter = new CpuMeter(() => {
    thread.reads++;
    return thread.cpuMs;
  });
  return { meter, thread };
}

test("what an entry has used of the CPU is what the thread has since", (t) => {
  const { meter, thread } = meterOf();
  meter.start(50);
  thread.cpuMs += 30;
  t.is(meter.usedMs, 30);
});

test("one read is good for the entries of 5 ms, and never says more than an entry has used", (t) => {
  const { meter, thread } = meterOf();
  for (const now of [50, 51, 53, 55]) meter.start(now);
  t.is(thread.reads, 1);
  // Of the five before the last entry, four were used.
  thread.cpuMs += 4 + 30;
  t.is(meter.usedMs, 29);
  meter.start(100);
  t.is(thread.reads, 3);
  thread.cpuMs += 7;
  t.is(meter.usedMs, 7);
});
