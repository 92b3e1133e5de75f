import test from "ava";
import fc from "fast-check";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { HOOK_NUMBER } from "../../../../sandbox/wire/hooks.ts";
import { callOf, policyOf, seatOf } from "../client-parts.ts";

test("property: whatever the order of outcomes, calls leave in the order they came, each once", (t) => {
  const orders = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 });
  fc.assert(
    fc.property(orders, (order) => {
      const seat = seatOf(policyOf("p"));
      const lane = seat.lane(HOOK_NUMBER.client);
      const tasks = order.map((_, index) => new Task(callOf(), seat, index + 1));
      for (const task of tasks) lane.enter(task);
      const left: number[] = [];
      for (const number of order) {
        const done = tasks.find((task) => task.order === number);
        done?.finish({ kind: "unchanged" });
        let next = done !== undefined && lane.isFirst(done) ? done : undefined;
        while (next !== undefined) {
          left.push(next.order);
          next = lane.leave(next);
        }
      }
      t.deepEqual(left, [1, 2, 3, 4, 5, 6, 7, 8]);
    }),
  );
});

test("a lane is used again when it has been empty", (t) => {
  const seat = seatOf(policyOf("p"));
  const lane = seat.lane(HOOK_NUMBER.client);
  const [first, second] = [1, 2].map((order) => new Task(callOf(), seat, order)) as [Task, Task];
  lane.enter(first);
  t.is(lane.leave(first), undefined);
  lane.enter(second);
  t.true(lane.isFirst(second));
  t.throws(() => lane.leave(first), { message: "a call settles that is not the first of its lane" });
});
