import test from "ava";
import { lossFault } from "../../../../sandbox/client/calls/fault.ts";
import { Flight } from "../../../../sandbox/client/calls/flight.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { SHARED_GROUP, WORKER_GROUP } from "../../../../sandbox/client/process/host-pool.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

test("what is said of a lost host fits where it was", (t) => {
  const policy = policyOf("p");
  const task = new Task(callOf(), seatOf(policy), 1);
  const instance = instanceOf(1);
  new Flight().enter(task, instance, policy.track, false);
  const saidIn = (group: string) => {
    instance.house(group, undefined);
    return (["killed", "nonsense"] as const).map(
      (reason) => lossFault(task, "1", reason, DEFAULT_POLICY_LIMITS).message,
    );
  };
  for (const message of saidIn(SHARED_GROUP)) t.regex(message, /^`client` .*host process .*killed$/);
  for (const message of saidIn(WORKER_GROUP)) t.regex(message, /^`client` .*inside of the worker/);
});
