import test from "ava";
import fc from "fast-check";
import {
  advance,
  type LifecycleCommand,
  type LifecycleEvent,
  type LifecycleState,
  OPEN_LIFECYCLE,
} from "../../core/session/lifecycle.ts";

/** Commands of each event in turn, as words. */
function play(...events: readonly LifecycleEvent[]): string[][] {
  let state: LifecycleState = OPEN_LIFECYCLE;
  return events.map((event) => {
    const next = advance(state, event);
    state = next.state;
    return next.commands.map(word);
  });
}

function word(command: LifecycleCommand): string {
  return "leg" in command ? `${command.type} ${command.leg}` : command.type;
}

const from = (leg: "client" | "server"): LifecycleEvent => ({ type: "close-received", from: leg });
const to = (leg: "client" | "server"): LifecycleEvent => ({ type: "close-sent", to: leg });
const fin = (leg: "client" | "server"): LifecycleEvent => ({ type: "ended", from: leg, isReset: false });
const reset = (leg: "client" | "server"): LifecycleEvent => ({ type: "ended", from: leg, isReset: true });
const gone = (leg: "client" | "server"): LifecycleEvent => ({ type: "gone", leg });

test("the client closes: passed on, answered, and we end the client's connection first", (t) => {
  t.deepEqual(
    play(
      from("client"),
      to("server"),
      from("server"),
      to("client"),
      fin("server"),
      fin("client"),
      gone("server"),
      gone("client"),
    ),
    [
      ["start-timer"],
      [],
      [],
      ["end client"],
      ["end client", "end server"],
      ["end server", "end client"],
      [],
      ["finish"],
    ],
  );
});

test("the server closes: its connection is its own to end first", (t) => {
  t.deepEqual(
    play(
      from("server"),
      to("client"),
      from("client"),
      to("server"),
      fin("server"),
      gone("server"),
      gone("client"),
    ),
    [["start-timer"], [], ["end client"], [], ["end client", "end server"], [], ["finish"]],
  );
});

test("both close at once", (t) => {
  t.deepEqual(play(from("client"), from("server"), to("server"), to("client")), [
    ["start-timer"],
    [],
    [],
    ["end client"],
  ]);
});

test("the gateway closes: the clock runs from its decision, before its Close frames have left", (t) => {
  t.deepEqual(play({ type: "close-decided" }, to("client"), to("server"), from("client"), from("server")), [
    ["start-timer"],
    [],
    [],
    ["end client"],
    [],
  ]);
});

test("FIN without a close is passed on as FIN, reset as reset", (t) => {
  t.deepEqual(play(fin("client")), [["end server", "start-timer"]]);
  t.deepEqual(play(fin("server")), [["end client", "start-timer"]]);
  t.deepEqual(play(reset("client"), gone("client"), gone("server")), [
    ["reset server", "end client", "start-timer"],
    [],
    ["finish"],
  ]);
});

test("a leg that goes without a word starts the clock, and the timeout cuts both", (t) => {
  t.deepEqual(play(gone("client"), { type: "timeout" }, gone("server")), [
    ["start-timer"],
    ["destroy client", "destroy server"],
    ["finish"],
  ]);
});

test("a peer that never answers the close is cut at the timeout", (t) => {
  t.deepEqual(play(from("client"), to("server"), { type: "timeout" }).at(-1), [
    "destroy client",
    "destroy server",
  ]);
});

const legs = fc.constantFrom("client" as const, "server" as const);
const anyEvent: fc.Arbitrary<LifecycleEvent> = fc.oneof(
  legs.map(from),
  legs.map(to),
  legs.map(fin),
  legs.map(reset),
  legs.map(gone),
  fc.constantFrom<LifecycleEvent>({ type: "timeout" }, { type: "close-decided" }),
);

test("property: in any order, one clock, one finish, and nothing after it", (t) => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
      const commands = play(...events).flat();
      const count = (name: string) => commands.filter((command) => command === name).length;
      const areGone = (["client", "server"] as const).every((leg) =>
        events.some((event) => event.type === "gone" && event.leg === leg),
      );
      t.is(count("finish"), areGone ? 1 : 0);
      if (areGone) t.is(commands.at(-1), "finish");
      // Whatever the first event is, the clock of the end runs from it, unless that event is the clock's own.
      t.is(count("start-timer"), events.some(({ type }) => type !== "timeout") ? 1 : 0);
    }),
  );
});
