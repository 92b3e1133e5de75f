import test from "ava";
import { attack, replacements } from "./support.ts";

test.serial("a loop after an await is stopped, and only its call fails", async (t) => {
  const { fault, fixture } = await attack(t, { isAsync: true, code: "await null; for (;;);" });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});
