import test from "ava";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { callOf, policyOf, seatOf } from "../client-parts.ts";

test("a seat is gone when it has been closed and its calls have settled, in either order", (t) => {
  const early = seatOf(policyOf("p"));
  early.submit();
  t.true(early.close());
  t.false(early.close());
  t.false(early.isGone);
  early.settle();
  t.true(early.isGone);

  const late = seatOf(policyOf("p"));
  late.submit();
  late.settle();
  t.false(late.isGone);
  late.close();
  t.true(late.isGone);
});

test("it moves to another instance when no call is left in the one before", (t) => {
  const seat = seatOf(policyOf("p"));
  t.is(seat.openIn, 0);
  t.false(seat.mustWait(1));
  seat.enter(1);
  seat.enter(1);
  t.false(seat.mustWait(1));
  t.true(seat.mustWait(2));
  seat.leave();
  t.true(seat.mustWait(2));
  seat.leave();
  t.false(seat.mustWait(2));
  seat.enter(2);
  t.is(seat.openIn, 2);
});

test("what came after a parked call is parked too, and all come back in order with the last call of the old instance", (t) => {
  const seat = seatOf(policyOf("p"));
  const [first, second] = [1, 2].map((order) => new Task(callOf(), seat, order)) as [Task, Task];
  seat.enter(1);
  seat.enter(1);
  seat.park(first);
  t.true(seat.mustWait(1));
  seat.park(second);
  t.deepEqual(seat.leave(), []);
  t.deepEqual(seat.leave(), [first, second]);
  t.false(seat.mustWait(2));
});

test("isolates learn of it with the newest checkpoint", (t) => {
  const seat = seatOf(policyOf("p"), 7);
  t.like(JSON.parse(seat.describe("1")), { id: "session-7", route: "/", session: undefined });
  seat.keep('{"n":1}');
  t.like(JSON.parse(seat.describe("1")), { session: '{"n":1}' });
});
