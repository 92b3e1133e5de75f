import { bundlePolicy, startSandbox } from "../../sandbox/support.ts";
import { test } from "../../sandbox/transports.ts";
import { attack, replacements } from "../support.ts";

/** Line 0 is none: the library that looks places up in source maps throws at it. */
const forged = (policy: string) =>
  `const forged = new Error("E"); forged.stack = "E\\n    at f (framegate-policy:${policy}:0:1)"; throw forged;`;

test.serial("an error with a stack that names no place is the fault of its own call", async (t) => {
  const { fault, fixture } = await attack(t, { policy: "forger", code: forged("forger") });
  t.is(fault.message, "`client` threw Error: E");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("a stack of thousands of lines is the fault of its own call", async (t) => {
  const { fault } = await attack(t, {
    code: 'const long = new Error("E"); long.stack = "\\n".repeat(100_000); throw long;',
  });
  t.is(fault.reason, "throw");
});

test("thrown at the top level it is a load error, and the version before stays", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("good", "export const client = () => ({ drop: true });");
  const bad = await bundlePolicy("good", forged("good"));
  await t.throwsAsync(fixture.sandbox.prepare(bad), { message: /its top level threw Error: E/ });
  await fixture.use("good", "export const client = () => ({ drop: true });");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});
