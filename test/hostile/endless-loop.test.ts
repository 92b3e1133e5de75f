import test from "ava";
import { attack, replacements } from "./support.ts";

test.serial("for (;;) is stopped, and costs nobody else a message", async (t) => {
  const { fault, fixture } = await attack(t, { code: "for (;;);" });
  t.is(fault.reason, "timeout");
  t.is(fault.message, "`client` ran for more than 500 ms (`sandbox.messageTimeout`) and was stopped");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("a loop that never leaves `finally` is stopped too", async (t) => {
  const { fault } = await attack(t, { code: "for (;;) { try { for (;;); } finally { continue; } }" });
  t.is(fault.reason, "timeout");
});

test.serial("a loop at load is an error of that load, and of nothing else", async (t) => {
  const { fixture } = await attack(t, { code: "throw new Error('hello');" });
  const error = await t.throwsAsync(fixture.use("loops", "export const client = () => {};\nfor (;;);"));
  t.regex(
    String(error?.message),
    /Policy `loops` could not be loaded: its top level ran for more than 1000 ms/,
  );
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});
