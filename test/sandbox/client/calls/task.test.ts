import test from "ava";
import fc from "fast-check";
import { advanceTask, Task, type TaskEvent, type TaskState } from "../../../../sandbox/client/calls/task.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

function play(...events: readonly TaskEvent[]): TaskState[] {
  let state: TaskState = "queued";
  return events.map((event) => {
    state = advanceTask(state, event);
    return state;
  });
}

test("a call goes, comes back and settles", (t) => {
  t.deepEqual(play("send", "finish", "settle"), ["sent", "done", "settled"]);
  t.deepEqual(play("send", "wait", "finish", "settle"), ["sent", "pending", "done", "settled"]);
});

test("a call that is lost is queued again, as often as it takes", (t) => {
  t.deepEqual(play("send", "lose", "send", "wait", "lose", "finish"), [
    "sent",
    "queued",
    "sent",
    "pending",
    "queued",
    "done",
  ]);
});

test("a call that cannot go is done at once", (t) => {
  t.deepEqual(play("finish", "settle"), ["done", "settled"]);
});

test("an event that cannot come is an error that names it and the state", (t) => {
  t.throws(() => play("wait"), { message: "`wait` came to a call that is queued" });
  t.throws(() => play("send", "finish", "finish"), { message: "`finish` came to a call that is done" });
  t.throws(() => play("send", "settle"), { message: "`settle` came to a call that is sent" });
});

test("property: in any order, a call settles once and only after its outcome, and moves no more", (t) => {
  const events = fc.array(fc.constantFrom<TaskEvent>("send", "wait", "lose", "finish", "settle"), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(events, (events) => {
      let state: TaskState = "queued";
      const taken: TaskEvent[] = [];
      for (const event of events) {
        try {
          state = advanceTask(state, event);
          taken.push(event);
        } catch {
          // The caller's bug: the state stays.
        }
      }
      const settled = taken.indexOf("settle");
      t.true(taken.filter((event) => event === "finish").length <= 1);
      if (settled >= 0) t.deepEqual(taken.slice(settled - 1), ["finish", "settle"]);
    }),
  );
});

test("what a call has while it is under way is not there before and after", (t) => {
  const policy = policyOf("p");
  const task = new Task(callOf(), seatOf(policy), 1);
  t.false(task.isUnderWay);
  t.throws(() => task.instance, { message: "a call that is queued is in no instance" });
  const instance = instanceOf(3);
  task.send(7, instance, policy.track);
  t.deepEqual([task.id, task.instance, task.track], [7, instance, policy.track]);
  task.lose();
  t.false(task.isUnderWay);
  t.throws(() => task.outcome, { message: "a call that is queued has no outcome" });
  task.finish({ kind: "unchanged" });
  t.deepEqual(task.outcome, { kind: "unchanged" });
});
