import test from "ava";
import fc from "fast-check";
import type { Moment } from "../../../core/session/times/due.ts";
import {
  advanceTick,
  firstTick,
  type TickEvent,
  type TickState,
} from "../../../core/session/times/tick-schedule.ts";

const at = (machine: number): Moment => ({ machine, day: 1_000_000 + machine });

/** What happens when, and when it is due afterwards. */
function play(every: number | undefined, ...events: readonly (readonly [now: number, event: TickEvent])[]) {
  let state = firstTick(every, at(0));
  for (const [now, event] of events) state = advanceTick(state, event, at(now));
  return state.waiting?.due;
}

const called = { type: "called" } as const;
const settled = (tick?: TickEvent & { type: "said" }) =>
  ({ type: "settled", tick: tick?.tick }) satisfies TickEvent;
const said = (tick: (TickEvent & { type: "said" })["tick"]) => ({ type: "said", tick }) as const;

test("an interval counts from the connection's begin, and leaves out what has been missed", (t) => {
  t.deepEqual(play(100), { clock: "machine", at: 100 });
  t.deepEqual(play(100, [130, called], [140, settled()]), { clock: "machine", at: 200 });
  t.deepEqual(play(100, [130, called], [455, settled()]), { clock: "machine", at: 500 });
  t.is(play(undefined), undefined);
});

test("a verdict's word goes over the interval's, for the next one or for good", (t) => {
  t.deepEqual(play(100, [10, said({ in: 500 })]), { clock: "machine", at: 510 });
  t.deepEqual(play(100, [10, said({ at: 1_000_700 })]), { clock: "day", at: 1_000_700 });
  t.is(play(100, [10, said(false)]), undefined);
  t.is(play(100, [100, called], [110, settled(said(false))]), undefined);
  t.deepEqual(play(100, [10, said({ in: 500 })], [530, called], [540, settled()]), {
    clock: "machine",
    at: 610,
  });
  t.deepEqual(play(undefined, [10, said({ in: 5 })]), { clock: "machine", at: 15 });
  t.is(play(undefined, [10, said({ in: 5 })], [50, called], [60, settled()]), undefined);
});

test("what another verdict says while it is called counts once it has settled, unless its own says otherwise", (t) => {
  t.deepEqual(play(100, [100, called], [105, said({ in: 20 })], [110, settled()]), {
    clock: "machine",
    at: 125,
  });
  const own = play(100, [100, called], [105, said({ in: 20 })], [110, settled(said({ in: 7 }))]);
  t.deepEqual(own, { clock: "machine", at: 117 });
});

test("another version's interval counts from the last one on, and leaves a verdict's time alone", (t) => {
  const interval = (every?: number) => ({ type: "interval", every }) as const;
  t.deepEqual(play(100, [10, interval(40)]), { clock: "machine", at: 40 });
  t.deepEqual(play(100, [90, interval(40)]), { clock: "machine", at: 120 });
  t.is(play(100, [10, interval()]), undefined);
  t.deepEqual(play(100, [10, said({ in: 500 })], [20, interval(40)]), { clock: "machine", at: 510 });
  t.is(play(100, [10, said(false)], [20, interval(100)]), undefined);
  t.deepEqual(play(100, [100, called], [110, interval(40)], [115, settled()]), { clock: "machine", at: 140 });
});

test("property: in whatever order, one that is called is not due, and no interval lies in the past", (t) => {
  const next: fc.Arbitrary<(TickEvent & { type: "said" })["tick"]> = fc.oneof(
    fc.constant(false as const),
    fc.record({ in: fc.nat(1000) }),
    fc.record({ at: fc.nat(2_000_000) }),
  );
  const step = fc.record({
    after: fc.nat(700),
    event: fc.oneof(
      fc.constant("turn" as const),
      fc.record({ type: fc.constant("said" as const), tick: next }),
      fc.record({
        type: fc.constant("interval" as const),
        every: fc.option(fc.integer({ min: 50, max: 500 }), { nil: undefined }),
      }),
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = 0;
      let state: TickState = firstTick(100, at(now));
      for (const { after, event } of steps) {
        now += after;
        if (event !== "turn") state = advanceTick(state, event, at(now));
        else if (state.isCalled) state = advanceTick(state, settled(), at(now));
        else if (state.waiting !== undefined) state = advanceTick(state, called, at(now));
        t.false(state.isCalled && state.waiting !== undefined);
        if (event !== "turn" || state.waiting?.isInterval !== true) continue;
        t.true(state.waiting.due.at > now);
      }
    }),
  );
});
