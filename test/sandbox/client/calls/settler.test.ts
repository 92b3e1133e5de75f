import test from "ava";
import { createSettler } from "../../../../sandbox/client/calls/settler.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import type { Outcome } from "../../../../sandbox/contract/verdicts.ts";
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
    t.is(settler.pendingBytes(), "before".length);
    settler.complete(task, { kind: "unchanged" });
    t.is(settler.pendingBytes(), 0);
  }
});

test("attributes that renewals have made too many in all are a fault, by whichever hook's verdict they come", (t) => {
  const emitted: string[] = [];
  const settler = createSettler(
    (event) => emitted.push(event.type),
    () => {},
  );
  const settle = (before: object, outcome: Outcome): Outcome => {
    const settled: Outcome[] = [];
    const seat = seatOf(policyOf("p"));
    seat.renew(JSON.stringify({ attributes: before }), "{}");
    const task = new Task(
      callOf((what) => settled.push(what)),
      seat,
      1,
    );
    settler.open(task);
    settler.complete(task, outcome);
    return settled[0] as Outcome;
  };
  const sends = { toClient: [], toServer: [] };
  const renewal = { ...sends, attributes: { own: "x".repeat(40_000) } };
  const aside: Outcome = { kind: "message", drop: true, reply: [], append: [], aside: { renewal } };
  for (const outcome of [
    aside,
    { kind: "tick", ...sends, renewal },
    { kind: "renew", ...renewal },
  ] as const) {
    t.is(settle({ own: "x".repeat(60_000), others: 1 }, outcome), outcome, "over what there was");
    t.like(settle({ other: "x".repeat(60_000) }, outcome), {
      kind: "fault",
      fault: { reason: "verdict", policy: "p" },
    });
    // A chain may have set more, and may go on renewing it.
    t.is(settle({ own: "x".repeat(60_000), other: "x".repeat(60_000) }, outcome), outcome);
  }
  t.deepEqual(emitted, ["fault", "fault", "fault"]);
});
