import test from "ava";
import fc from "fast-check";
import { advanceLineup, type LineupEvent, NEW_LINEUP } from "../../../../sandbox/client/process/lineup.ts";

/** What is commanded at each event. */
function play(...events: readonly LineupEvent[]): (string | undefined)[] {
  let state = NEW_LINEUP;
  return events.map((event) => {
    const { state: next, command } = advanceLineup(state, event);
    state = next;
    return command?.type === "rest" ? `rest ${command.ms}` : command?.type;
  });
}

test("a host that is lost is replaced by one that stands by, and that one by another", (t) => {
  t.deepEqual(play("ready", "calm", "standby-ready", "lost", "calm", "standby-ready", "lost"), [
    undefined,
    "start-standby",
    undefined,
    "promote",
    "start-standby",
    undefined,
    "promote",
  ]);
});

test("without one that stands by a new one is started, and before that one is ready nobody stands by", (t) => {
  t.deepEqual(play("ready", "lost", "calm", "ready", "calm"), [
    undefined,
    "start",
    undefined,
    undefined,
    "start-standby",
  ]);
});

test("one that stands by and is not ready yet is promoted all the same", (t) => {
  t.deepEqual(play("ready", "calm", "lost", "ready", "calm"), [
    undefined,
    "start-standby",
    "promote",
    undefined,
    "start-standby",
  ]);
});

test("hosts that are never ready are started with a pause, longer each time, until one is", (t) => {
  t.deepEqual(play("lost", "lost", "rested", "lost", "rested", "ready", "lost", "lost"), [
    "start",
    "rest 400",
    "start",
    "rest 800",
    "start",
    undefined,
    "start",
    "start",
  ]);
});

test("the loss of one that stands by is no matter of the one that serves", (t) => {
  t.deepEqual(play("ready", "calm", "standby-lost", "lost"), [
    undefined,
    "start-standby",
    undefined,
    "start",
  ]);
});

test("property: in any order there is at most one of each, and one serves or is on its way, or there is a pause", (t) => {
  const events = fc.array(
    fc.constantFrom<LineupEvent>("ready", "lost", "rested", "calm", "standby-ready", "standby-lost"),
  );
  fc.assert(
    fc.property(events, (script) => {
      let state = NEW_LINEUP;
      let [serving, standby, isResting] = [1, 0, false];
      for (const event of script) {
        if (event === "rested" && !isResting) continue;
        if (event === "lost") serving = 0;
        if (event === "standby-lost") standby = 0;
        if (event === "rested") isResting = false;
        const { state: next, command } = advanceLineup(state, event);
        state = next;
        if (command?.type === "start") serving++;
        else if (command?.type === "start-standby") standby++;
        else if (command?.type === "promote") [serving, standby] = [serving + standby, 0];
        else if (command?.type === "rest") isResting = true;
        t.is(serving, state.serving === "absent" ? 0 : 1);
        t.is(standby, state.standby === "absent" ? 0 : 1);
        t.is(isResting, serving === 0);
      }
    }),
  );
});
