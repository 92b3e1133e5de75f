import test from "ava";
import fc from "fast-check";
import {
  advanceInstance,
  type InstanceCommand,
  type InstanceEvent,
  type InstanceState,
} from "../../../../sandbox/client/policy/instance.ts";
import { instanceOf } from "../client-parts.ts";

/** States and commands of each event in turn. */
function play(...events: readonly InstanceEvent[]): (InstanceState | InstanceCommand)[] {
  let state: InstanceState = "loading";
  return events.flatMap((event) => {
    const next = advanceInstance(state, event);
    state = next.state;
    return [state, ...next.commands];
  });
}

test("an instance is loaded, used, retired, and dropped after its last call", (t) => {
  t.deepEqual(play("loaded", "retire", "idle"), ["ready", "retiring", "gone", "drop"]);
});

test("one that nobody wants any more is dropped as soon as it is loaded", (t) => {
  t.deepEqual(play("retire", "loaded"), ["unwanted", "gone", "drop"]);
  t.deepEqual(play("retire", "lost"), ["unwanted", "gone"]);
});

test("what is lost is not dropped: nothing is there", (t) => {
  t.deepEqual(play("lost"), ["gone"]);
  t.deepEqual(play("loaded", "lost", "retire"), ["ready", "gone", "gone"]);
  t.deepEqual(play("loaded", "retire", "lost"), ["ready", "retiring", "gone"]);
});

test("an event that cannot come is an error that names it and the state", (t) => {
  t.throws(() => play("loaded", "loaded"), { message: "`loaded` came to an instance that is ready" });
  t.throws(() => play("loaded", "idle"), { message: "`idle` came to an instance that is ready" });
});

test("property: in any order, an instance is dropped once at most, and nothing brings it back", (t) => {
  const events = fc.array(fc.constantFrom<InstanceEvent>("loaded", "retire", "idle", "lost"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(events, (events) => {
      let state: InstanceState = "loading";
      let drops = 0;
      for (const event of events) {
        const before = state;
        try {
          const next = advanceInstance(state, event);
          ({ state } = next);
          drops += next.commands.length;
        } catch {
          // The caller's bug: the state stays.
        }
        if (before === "gone") t.is(state, "gone");
      }
      t.true(drops <= 1);
      if (drops === 1) t.is(state, "gone");
    }),
  );
});

test("calls are counted, and go only into one that is ready", (t) => {
  const instance = instanceOf(1);
  instance.enter(1);
  instance.enter(1);
  instance.advance("retire");
  t.throws(() => instance.enter(1), { message: "a call came to an instance that is retiring" });
  instance.leave();
  t.false(instance.isIdle);
  instance.leave();
  t.true(instance.isIdle);
});
