import test from "ava";
import fc from "fast-check";
import { advanceLink, type LinkEvent, NEW_LINK, spreadPause } from "../../../sandbox/redis/link-state.ts";

test("a link tells that it is lost, once, and that it is back; its first connection is no news", (t) => {
  t.deepEqual(play("ready"), []);
  t.deepEqual(play("lost", "lost", "lost", "ready"), ["lost", "back"]);
  t.deepEqual(play("ready", "lost", "ready", "lost", "lost", "ready"), ["lost", "back", "lost", "back"]);
});

test("attempts come later and later, and sooner again after a connection", (t) => {
  t.deepEqual(
    pauses(["ready", ...Array<LinkEvent>(9).fill("lost")]),
    [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000],
  );
  t.deepEqual(pauses(["lost", "lost", "ready", "lost"]), [50, 100, 50]);
});

test("in any order of events lost and back take turns, and whoever is lost is tried again within two seconds", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<LinkEvent>("ready", "lost"), { maxLength: 3000 }), (events) => {
      const told = play(...events);
      return (
        told.every((what, index) => what === (index % 2 === 0 ? "lost" : "back")) &&
        pauses(events).length === events.filter((event) => event === "lost").length &&
        pauses(events).every((pause) => pause > 0 && pause <= 2000)
      );
    }),
  );
  t.pass();
});

function play(...events: readonly LinkEvent[]): readonly string[] {
  return stepsOf(events).flatMap(({ tell }) => tell ?? []);
}

function pauses(events: readonly LinkEvent[]): readonly number[] {
  return stepsOf(events).flatMap(({ retryInMs }) => retryInMs ?? []);
}

function stepsOf(events: readonly LinkEvent[]) {
  let state = NEW_LINK;
  return events.map((event) => {
    const step = advanceLink(state, event);
    ({ state } = step);
    return step;
  });
}

test("pauses of many links are spread over the second half of each", (t) => {
  t.deepEqual(
    [0, 0.5, 1].map((chance) => spreadPause(100, chance)),
    [50, 75, 100],
  );
});
