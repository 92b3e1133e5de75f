import test from "ava";
import { blameForHost, blameForInstance } from "../../../../sandbox/client/calls/blame.ts";
import { Flight } from "../../../../sandbox/client/calls/flight.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import type { HostLoss } from "../../../../sandbox/client/process/host-keeper.ts";
import { JOURNAL_STATE, type JournalNote } from "../../../../sandbox/wire/journal.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

/** Tasks as they lie when something is lost: "sent" or "pending", in instance 1 or 2. */
function tasksOf(...states: readonly (readonly ["sent" | "pending", instance: 1 | 2])[]): Task[] {
  const flight = new Flight();
  const policy = policyOf("p");
  const seat = seatOf(policy);
  const instances = { 1: instanceOf(1), 2: instanceOf(2) };
  return states.map(([state, instance], order) => {
    const task = new Task(callOf(), seat, order);
    flight.enter(task, instances[instance], policy.track, false);
    if (state === "pending") flight.wait(task);
    return task;
  });
}

const silent = (note: JournalNote): HostLoss => ({ reason: "silent", detail: "", note });
const killed = (note: JournalNote): HostLoss => ({ reason: "exited", detail: "SIGKILL", note });

const loss = { type: "lost", instance: 1, reason: "timeout", begun: [], starved: false } as const;

test("the call that ran is guilty, alone", (t) => {
  const tasks = tasksOf(["sent", 1], ["sent", 1], ["pending", 1]);
  t.deepEqual(blameForInstance({ ...loss, culprit: 1, begun: [0, 1] }, tasks), {
    guilty: [tasks[1]],
    reason: "timeout",
  });
  t.false(tasks.some((task) => task?.isSuspect));
});

test("without a culprit, what had begun or was pending is suspect, and tried alone", (t) => {
  const tasks = tasksOf(["pending", 1], ["sent", 1], ["sent", 1]);
  t.deepEqual(blameForInstance({ ...loss, begun: [1] }, tasks).guilty, []);
  t.deepEqual(
    tasks.map((task) => task.isSuspect),
    [true, true, false],
  );
});

test("a single suspect is guilty", (t) => {
  const tasks = tasksOf(["sent", 1], ["sent", 1]);
  t.deepEqual(blameForInstance({ ...loss, begun: [0] }, tasks).guilty, [tasks[0]]);
});

test("where each call is an entry of its own, the one that was noted is guilty, whatever is pending", (t) => {
  const tasks = tasksOf(["sent", 1], ["pending", 1], ["sent", 1]);
  const note = { state: JOURNAL_STATE.run, instance: 1, ids: [-1, 2] };
  t.deepEqual(blameForHost(silent(note), tasks).guilty, []);
  tasks[0]?.instance.house("apart", undefined, true);
  t.deepEqual(blameForHost(silent(note), tasks).guilty, [tasks[2]]);
});

test("suspicion ends after some rounds", (t) => {
  const tasks = tasksOf(["pending", 1], ["pending", 1]);
  for (let round = 0; round < 3; round++) t.deepEqual(blameForInstance(loss, tasks).guilty, []);
  t.deepEqual(blameForInstance(loss, tasks).guilty, tasks);
});

test("a call that got no CPU time is tried again three times", (t) => {
  const tasks = tasksOf(["sent", 1]);
  const starved = { ...loss, culprit: 0, starved: true };
  for (let n = 0; n < 3; n++) t.deepEqual(blameForInstance(starved, tasks).guilty, []);
  t.deepEqual(blameForInstance(starved, tasks).guilty, tasks);
});

test("of a dead host, the one call of the running batch is guilty, of several each is tried alone", (t) => {
  const tasks = tasksOf(["sent", 1], ["sent", 1], ["sent", 2], ["pending", 2]);
  const note = { state: JOURNAL_STATE.run, instance: 1, ids: [0] };
  t.deepEqual(blameForHost(silent(note), tasks), { guilty: [tasks[0]], reason: "killed" });
  t.deepEqual(blameForHost(silent({ ...note, ids: [-1, 0, 1] }), tasks).guilty, []);
  t.deepEqual(
    tasks.map((task) => task.isSuspect),
    [true, true, false, false],
  );
});

test("of a host that died idle, its only pending call is guilty; one of several gets a second chance", (t) => {
  const idle = { state: JOURNAL_STATE.idle, instance: 0, ids: [] };
  const [alone] = tasksOf(["pending", 1]);
  t.deepEqual(blameForHost(silent(idle), [alone as Task]).guilty, [alone]);
  const tasks = tasksOf(["pending", 1], ["sent", 1], ["pending", 2]);
  t.deepEqual(blameForHost(silent(idle), tasks).guilty, []);
  t.deepEqual(blameForHost(silent(idle), tasks).guilty, [tasks[0], tasks[2]]);
});

test("nobody's call is guilty when the host died of a load", (t) => {
  const tasks = tasksOf(["sent", 1]);
  t.deepEqual(blameForHost(silent({ state: JOURNAL_STATE.load, instance: 2, ids: [] }), tasks).guilty, []);
});

test("of a host that was killed from outside, no call is guilty that was there once", (t) => {
  const run = { state: JOURNAL_STATE.run, instance: 1, ids: [0] };
  const idle = { state: JOURNAL_STATE.idle, instance: 0, ids: [] };
  for (const [state, note] of [
    ["sent", run],
    ["pending", { ...run, state: JOURNAL_STATE.continue }],
    ["pending", idle],
  ] as const) {
    const [alone] = tasksOf([state, 1]) as [Task];
    t.deepEqual(blameForHost(killed(note), [alone]).guilty, []);
    t.deepEqual(blameForHost(killed(note), [alone]).guilty, [alone]);
  }
});
