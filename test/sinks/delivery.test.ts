import test from "ava";
import { advanceDelivery, type DeliveryEvent, NEW_DELIVERY } from "../../core/sinks/delivery/delivery.ts";

/** Phases and commands, one a step. */
function play(...events: readonly DeliveryEvent[]): string[] {
  let state = NEW_DELIVERY;
  return events.map((event) => {
    const step = advanceDelivery(state, event);
    state = step.state;
    const { command } = step;
    return `${state.phase} ${command.type === "wait" ? `wait ${command.ms}` : command.type}`;
  });
}

const opened = { type: "opened", due: false } as const;
const openedDue = { type: "opened", due: true } as const;
const written = { type: "written", due: false } as const;
const waited = { type: "waited", due: true } as const;
const failed = { type: "failed" } as const;

test("a batch after the other, and rest between them", (t) => {
  t.deepEqual(play(opened, { type: "due" }, { type: "due" }, { type: "written", due: true }, written), [
    "idle none",
    "writing write",
    "writing none",
    "writing write",
    "idle none",
  ]);
});

test("after a failure it is opened again, later and later; a batch that is taken ends that", (t) => {
  const rounds = Array.from({ length: 6 }, () => [failed, waited, openedDue]).flat();
  const waits = play(openedDue, ...rounds).filter((step) => step.includes("wait"));
  t.deepEqual(
    waits.map((step) => Number(step.split(" ").at(-1))),
    [1000, 2000, 4000, 8000, 16_000, 30_000],
  );
  t.is(
    play(openedDue, failed, waited, openedDue, written, { type: "due" }, failed).at(-1),
    "waiting wait 1000",
  );
});

test("what is refused is not tried again", (t) => {
  t.deepEqual(play(openedDue, { type: "refused", due: true }, { type: "refused", due: false }), [
    "writing write",
    "writing write",
    "idle none",
  ]);
});

test("a close writes what is there; the first failure ends it, and so does the time", (t) => {
  const close = { type: "close", due: true } as const;
  t.deepEqual(play(opened, close, written), ["idle none", "writing write", "ended end"]);
  t.deepEqual(play(opened, { type: "close", due: false }), ["idle none", "ended end"]);
  t.deepEqual(play(close, openedDue, failed), ["opening none", "writing write", "ended end"]);
  t.deepEqual(play(failed, close, failed), ["waiting wait 1000", "opening open", "ended end"]);
  t.deepEqual(play(failed, { type: "close", due: false }), ["waiting wait 1000", "ended end"]);
  t.deepEqual(play(openedDue, close, { type: "timeUp" }, written), [
    "writing write",
    "writing none",
    "ended end",
    "ended none",
  ]);
});
