import test from "ava";
import { attack, replacements } from "./support.ts";

test.serial("a promise that never settles fails its own call, when its time is up", async (t) => {
  const { fault, fixture } = await attack(t, {
    isAsync: true,
    code: "await new Promise(() => {});",
    limits: { asyncTimeoutMs: 200 },
  });
  t.is(fault.reason, "timeout");
  t.is(fault.message, "`client`: its promise was still pending after 200 ms (`sandbox.asyncTimeout`)");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});
