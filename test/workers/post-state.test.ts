import test from "ava";
import fc from "fast-check";
import { advancePost, NEW_POST, type PostEvent, type PostState } from "../../core/workers/post-state.ts";

const served: PostEvent = { type: "served" };
const rested: PostEvent = { type: "rested" };
const stop: PostEvent = { type: "stop" };
const ended = (servedMs: number): PostEvent => ({ type: "ended", servedMs });

/** The state after each event, as words. */
function play(...events: readonly PostEvent[]): string[] {
  let state: PostState = NEW_POST;
  return events.map((event) => {
    state = advancePost(state, event);
    return state.at === "pausing" ? `pausing ${state.pauseMs}` : state.at;
  });
}

test("a worker that has served for long has a successor at once", (t) => {
  t.deepEqual(play(served, ended(60_000), rested, served), ["serving", "pausing 0", "starting", "serving"]);
});

test("each short life makes the pause longer, up to a bound; a long one makes it short again", (t) => {
  const lives = Array.from({ length: 12 }, () => [ended(0), rested]).flat();
  const pauses = play(...lives).filter((word) => word.startsWith("pausing"));
  t.deepEqual(pauses.slice(0, 4), ["pausing 100", "pausing 200", "pausing 400", "pausing 800"]);
  t.is(pauses.at(-1), "pausing 10000");
  t.is(play(...lives, served, ended(60_000), rested, served, ended(5)).at(-1), "pausing 100");
});

test("stopped is stopped, whatever comes then", (t) => {
  t.deepEqual(play(served, stop, ended(5), rested, served), Array(5).fill("stopped").with(0, "serving"));
});

test("in any order of events only the end of a worker, and a pause after it, brings another", (t) => {
  const event = fc.oneof(
    ...[served, rested, stop].map((each) => fc.constant(each)),
    fc.nat(20_000).map((servedMs) => ended(servedMs)),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state: PostState = NEW_POST;
      for (const each of events) {
        const next = advancePost(state, each);
        if (next.at === "starting" && state.at !== "starting") t.is(state.at, "pausing");
        if (next.at === "pausing" && state.at !== "pausing") t.is(each.type, "ended");
        if (state.at === "stopped") t.is(next, state);
        state = next;
      }
    }),
  );
  t.pass();
});
