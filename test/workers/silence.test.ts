import test from "ava";
import fc from "fast-check";
import { advanceSilence, type SilenceEvent, type SilenceState, WELL } from "../../core/workers/silence.ts";

const silenceMs = 100;
const answer: SilenceEvent = { type: "answer" };
const look = (now: number, { waitedMs = 0, wasBlocked = false } = {}): SilenceEvent => ({
  type: "look",
  now,
  waitedMs,
  wasBlocked,
});

function play(...events: readonly SilenceEvent[]): SilenceState["at"] {
  return events.reduce<SilenceState>((state, event) => advanceSilence(state, event, silenceMs), WELL).at;
}

test("who answers is well, who does not is silent after its time, and stays that", (t) => {
  t.is(play(look(0)), "asked");
  t.is(play(look(0), answer), "well");
  t.is(play(look(0), look(100)), "asked");
  t.is(play(look(0), look(101)), "silent");
  t.is(play(look(0), look(101), answer), "silent");
  t.is(play(look(0), answer, look(200), look(300)), "asked");
});

test("the time for which the machine did not let it run does not count", (t) => {
  t.is(play(look(0, { waitedMs: 50 }), look(140, { waitedMs: 90 })), "asked");
  t.is(play(look(0, { waitedMs: 50 }), look(141, { waitedMs: 90 })), "silent");
});

test("after our own loop has stood still it has its whole time again", (t) => {
  t.is(play(look(0), look(500, { wasBlocked: true }), look(600)), "asked");
  t.is(play(look(0), look(500, { wasBlocked: true }), look(601)), "silent");
});

test("in whatever order: silent is only who had not answered since it was asked, and for longer than it may", (t) => {
  const event = fc.oneof(
    fc.constant(answer),
    fc.record({
      type: fc.constant("look" as const),
      now: fc.integer({ min: 0, max: 400 }),
      waitedMs: fc.integer({ min: 0, max: 100 }),
      wasBlocked: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      let state: SilenceState = WELL;
      for (const each of events) {
        const next = advanceSilence(state, each, silenceMs);
        if (next.at === "silent" && state.at !== "silent") {
          t.is(state.at, "asked");
          t.true(each.type === "look" && !each.wasBlocked);
          t.true(state.at === "asked" && each.type === "look" && each.now - state.since > silenceMs);
        }
        state = next;
      }
    }),
  );
});
