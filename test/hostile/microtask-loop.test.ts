import test from "ava";
import { attack, replacements } from "./support.ts";

test.serial("microtasks that never end are stopped", async (t) => {
  const { fault, fixture } = await attack(t, { isAsync: true, code: "for (;;) await null;" });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("microtasks left behind by a hook that has returned are stopped", async (t) => {
  const { fault, fixture } = await attack(t, {
    code: "const again = () => Promise.resolve().then(again); again(); return;",
  });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});
