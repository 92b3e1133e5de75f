import test from "ava";
import fc from "fast-check";
import { SharedDeadline } from "../../../../sandbox/host/limits/shared-deadline.ts";

/** What the addon makes of it: its own clock is read a little later. */
const ADDON_LATER_MS = 0.01;

test("entries that follow each other end at one moment, and none before its limit", (t) => {
  const deadline = new SharedDeadline();
  const timeouts = [0, 0.3, 4.7, 14.9].map((now) => deadline.timeoutFor(1000 + now, 60));
  t.deepEqual(timeouts, [75, 75, 71, 61]);
  t.is(deadline.timeoutFor(1016.2, 60), 75, "less than its limit is left: another moment");
});

test("of a short limit it is a quarter at most, and of a long one 16 ms", (t) => {
  t.is(new SharedDeadline().timeoutFor(0, 12), 15);
  t.is(new SharedDeadline().timeoutFor(0, 3), 3);
  t.is(new SharedDeadline().timeoutFor(0, 5000), 5016);
});

test("whatever the limits and times, an entry has its limit, and what is stated above it at most", (t) => {
  const entry = fc.record({
    gap: fc.double({ min: 0, max: 30, noNaN: true }),
    limit: fc.oneof(fc.constant(60), fc.integer({ min: 1, max: 400 })),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 100 }), (entries) => {
      const deadline = new SharedDeadline();
      let now = 1_000_000;
      return entries.every(({ gap, limit }) => {
        now += gap;
        const timeout = deadline.timeoutFor(now, limit);
        return (
          Number.isInteger(timeout) &&
          timeout >= limit &&
          timeout <= limit + Math.min(16, Math.floor(limit / 4))
        );
      });
    }),
  );
  t.pass();
});

test("a steady stream of entries has one moment for each spread of 16 ms, and never one that is earlier than the last", (t) => {
  const deadline = new SharedDeadline();
  const ends: number[] = [];
  for (let now = 5000; now < 6000; now += 0.333)
    ends.push(now + ADDON_LATER_MS + deadline.timeoutFor(now, 64));
  let moments = 0;
  let first = 0;
  for (const end of ends) {
    if (end > first + 1.1) {
      moments++;
      first = end;
    } else t.true(end >= first, "due before the others, it would get a thread of its own");
  }
  t.true(moments <= 1000 / 15 + 1, `${moments} moments`);
});
