import test from "ava";
import { attack, replacements } from "./support.ts";

// A `length` that lies gets past the cap on native loops; nothing inside the process can stop what follows.
const unstoppable = `
  let asked = 0;
  Array.prototype.indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);`;

test("a native loop that nothing can interrupt costs the host process, and no other message", async (t) => {
  const { fault, fixture } = await attack(t, { code: unstoppable, host: { silenceMs: 300 } });
  t.is(fault.reason, "killed");
  t.true(replacements(fixture).hosts >= 1);
  const { reason, pid } = await fixture.event("host-replaced");
  t.is(reason, "silent");
  t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

test("a warm spare takes over", async (t) => {
  const { fault } = await attack(t, { code: unstoppable, host: { silenceMs: 300 }, warmSpare: true });
  t.is(fault.reason, "killed");
});

test("native loops over lengths that do not lie are refused", async (t) => {
  for (const code of [
    "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
    "new Array(2 ** 32 - 2).reverse();",
    "Array.from({ length: 2 ** 32 - 2 });",
    "new Array(2 ** 32 - 2).fill(0);",
    "new Array(2 ** 32 - 2).forEach(() => {});",
  ]) {
    const { fault, fixture } = await attack(t, { code });
    t.regex(fault.message, /RangeError: Array.*more than 16777216 elements/);
    t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
  }
});

test("a host that hangs at load is replaced, and the load is not tried again", async (t) => {
  const { fixture } = await attack(t, {
    code: "throw new Error('hello');",
    host: { silenceMs: 200 },
    limits: { loadTimeoutMs: 1000 },
  });
  const error = await t.throwsAsync(fixture.use("hangs", unstoppable));
  t.regex(String(error?.message), /its top level hung or crashed the sandbox's host process/);
  t.is(replacements(fixture).hosts, 1);
  const neighbour = fixture.seat("neighbour");
  t.is((await neighbour.client(1)).kind, "message");
});
