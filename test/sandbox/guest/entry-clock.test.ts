import test from "ava";
import fc from "fast-check";
import { createScope } from "../../../sandbox/guest/asks.ts";
import { createEntryClock, type EntryClock } from "../../../sandbox/guest/clock.ts";
import { createTimers } from "../../../sandbox/guest/globals/timers.ts";

const HOUR = 3_600_000;

/** A machine, with a time of day that the test sets. */
function rig() {
  const machine = { now: 5000, day: 1_700_000_000_000 };
  const clock = createEntryClock(() => Math.floor(machine.day));
  return {
    clock,
    pass(ms: number) {
      machine.now += ms;
      machine.day += ms;
    },
    setDay(byMs: number) {
      machine.day += byMs;
    },
    enter: () => clock.enter(machine.now),
    error: () => clock.now() - machine.now,
  };
}

test("between entries the time of day may be set: the guest's clock goes by the machine's", (t) => {
  const { clock, pass, setDay, enter } = rig();
  enter();
  t.is(clock.now(), 5000);
  pass(40);
  t.is(clock.now(), 5040);
  for (const jump of [HOUR, -2 * HOUR]) {
    setDay(jump);
    pass(100);
    enter();
    pass(3);
    clock.now();
  }
  t.is(clock.now(), 5000 + 40 + 100 + 3 + 100 + 3);
});

test("property: it never goes back, and is right to the millisecond, and to a second for each time that the time of day is set", (t) => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("pass"), ms: fc.nat(3600).map((quarters) => quarters / 4) }),
      fc.record({ type: fc.constant("setDay"), ms: fc.integer({ min: -HOUR, max: HOUR }) }),
      fc.record({ type: fc.constantFrom("enter", "look"), ms: fc.constant(0) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const { clock, pass, setDay, enter, error } = rig();
      enter();
      let before = clock.now();
      let jumps = 0;
      for (const { type, ms } of steps) {
        if (type === "pass") pass(ms);
        else if (type === "enter") enter();
        else if (type === "setDay") {
          setDay(ms);
          jumps++;
        }
        const now = clock.now();
        t.true(now >= before);
        before = now;
        t.true(error() <= 1 + jumps * 1000, "it is ahead by no more than that");
        if (type === "enter") t.true(error() >= 0, "an entry makes good what it was behind");
      }
    }),
  );
});

function timersOf(clock: EntryClock) {
  const scope = createScope(2000, clock);
  const ran: string[] = [];
  const timers = createTimers(scope, clock, () => {});
  scope.begin();
  return {
    scope,
    ran,
    timers,
    set: (name: string, ms: number) => timers.set(name, ms, () => ran.push(name)),
  };
}

test("a time of day that is set neither runs a timer early nor keeps it back, nor ends the time of a hook", (t) => {
  for (const jump of [HOUR, -HOUR]) {
    const { clock, pass, setDay, enter } = rig();
    enter();
    const { scope, ran, timers, set } = timersOf(clock);
    set("soon", 50);
    set("later", 500);
    const deadline = scope.deadline("kv");
    setDay(jump);
    enter();
    timers.runDue(true);
    t.deepEqual(ran, []);
    pass(51);
    enter();
    timers.runDue(true);
    timers.runDue(true);
    t.deepEqual(ran, ["soon"]);
    t.is(scope.deadline("kv"), deadline);
    pass(1949);
    enter();
    t.throws(() => scope.deadline("kv"), { message: /began more than 2000 ms ago/ });
  }
});
