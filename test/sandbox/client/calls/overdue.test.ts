import test from "ava";
import {
  type CallUnderWay,
  lookAtCalls,
  lookLimits,
  nothingWaited,
} from "../../../../sandbox/client/calls/overdue.ts";

const LIMITS = { running: 2, pending: 3 };
const running = (order: number, instance = 1): CallUnderWay => ({ order, instance, isPending: false });
const pending = (order: number, instance = 1): CallUnderWay => ({ order, instance, isPending: true });

/** What is overdue at each look. */
function play(...looks: readonly (readonly CallUnderWay[])[]): (readonly number[])[] {
  let waited = nothingWaited;
  return looks.map((now) => {
    const next = lookAtCalls(waited, now, LIMITS);
    waited = next.waited;
    return next.overdue;
  });
}

test("a call whose turn it is, and that nothing comes of, is overdue", (t) => {
  const calls = [running(1), running(2)];
  t.deepEqual(play(calls, calls, calls, calls), [[], [], [], [1]]);
});

test("calls that wait for others are not, however long, and each has its time from its turn on", (t) => {
  t.deepEqual(
    play(
      [running(1), running(2)],
      [running(1), running(2)],
      [running(1), running(2)],
      [running(2)],
      [running(2)],
    ),
    [[], [], [], [], []],
  );
});

test("a pending call has a time of its own, and others of its instance have their turns meanwhile", (t) => {
  const calls = [pending(1), running(2)];
  t.deepEqual(play([running(1)], [running(1)], calls, calls, calls, calls, calls), [
    [],
    [],
    [],
    [],
    [],
    [2],
    [1, 2],
  ]);
});

test("a call that is sent again, elsewhere, has its time again", (t) => {
  t.deepEqual(play([running(1, 1)], [running(1, 1)], [running(1, 1)], [running(1, 2)]), [[], [], [], []]);
});

test("a call has its own time, and half a minute for whatever keeps a machine busy", (t) => {
  t.deepEqual(lookLimits(250, 2000), { running: 31, pending: 32 });
});
