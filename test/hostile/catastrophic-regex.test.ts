import test from "ava";
import { attack, replacements } from "./support.ts";

test.serial("a regular expression that backtracks for ever is stopped", async (t) => {
  const { fault, fixture } = await attack(t, { code: '/^(a+)+$/.test("a".repeat(40) + "!");' });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});
