import test from "ava";
import { createSettler } from "../../../../sandbox/client/calls/settler.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import type { HookCall } from "../../../../sandbox/contract.ts";
import { callOf, policyOf, seatOf } from "../client-parts.ts";

test("what a verdict makes of a message is not what leaves the books", (t) => {
  const settler = createSettler(
    () => {},
    () => {},
  );
  for (const after of ["", "much longer than it was"]) {
    const call: { -readonly [Key in keyof HookCall]: HookCall[Key] } = callOf(
      () => {
        call.payload = { binary: false, bytes: Buffer.from(after) };
      },
      "client",
      "before",
    );
    const task = new Task(call, seatOf(policyOf("p")), 1);
    settler.open(task);
    t.is(settler.pendingBytes, "before".length);
    settler.complete(task, { kind: "unchanged" });
    t.is(settler.pendingBytes, 0);
  }
});
