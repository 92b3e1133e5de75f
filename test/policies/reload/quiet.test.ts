import test from "ava";
import { createQuiet, type QuietTimers } from "../../../policies/reload/quiet.ts";

/** A clock that moves when told. */
function createTimers() {
  let now = 0;
  const pending = new Set<{ readonly at: number; run(): void }>();
  const timers: QuietTimers = {
    now: () => now,
    set(run, delayMs) {
      const timer = { at: now + delayMs, run };
      pending.add(timer);
      return timer;
    },
    clear: (timer) => pending.delete(timer as { at: number; run(): void }),
  };
  return {
    timers,
    advance(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = [...pending].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        pending.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}

test("many signals are one report, after a quiet time", (t) => {
  const { timers, advance } = createTimers();
  let reports = 0;
  const quiet = createQuiet(() => reports++, { quietMs: 30, maxWaitMs: 250, timers });
  for (let i = 0; i < 5; i++) {
    quiet.signal();
    advance(29);
  }
  t.is(reports, 0);
  advance(1);
  t.is(reports, 1);
  advance(1000);
  t.is(reports, 1);
});

test("signals that do not end are reported all the same, and the last one too", (t) => {
  const { timers, advance } = createTimers();
  const reportedAt: number[] = [];
  const quiet = createQuiet(() => reportedAt.push(timers.now()), { quietMs: 30, maxWaitMs: 250, timers });
  for (let i = 0; i <= 60; i++) {
    quiet.signal();
    advance(10);
  }
  advance(1000);
  t.deepEqual(reportedAt, [250, 500, 630]);
});

test("what is cancelled is not reported", (t) => {
  const { timers, advance } = createTimers();
  let reports = 0;
  const quiet = createQuiet(() => reports++, { quietMs: 30, maxWaitMs: 250, timers });
  quiet.signal();
  quiet.cancel();
  advance(1000);
  t.is(reports, 0);
});
