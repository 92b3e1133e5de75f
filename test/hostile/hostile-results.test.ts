import { test } from "../sandbox/transports.ts";
import { attack, replacements } from "./support.ts";

test.serial("a getter that loops is stopped", async (t) => {
  const { fault, fixture } = await attack(t, { code: "return { get content() { for (;;); } };" });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("a getter that throws is the call's own fault", async (t) => {
  const { fault, fixture } = await attack(t, { code: "return { get drop() { throw new Error('no'); } };" });
  t.is(fault.message, "`client` threw Error: no");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("a Proxy whose traps loop is stopped", async (t) => {
  const { fault } = await attack(t, { code: "return new Proxy({}, { ownKeys() { for (;;); } });" });
  t.is(fault.reason, "timeout");
});

test.serial("a thenable that loops is stopped", async (t) => {
  const { fault } = await attack(t, { code: "return { then() { for (;;); } };" });
  t.is(fault.reason, "timeout");
});

test.serial("a thenable whose `then` is a looping getter is stopped", async (t) => {
  const { fault } = await attack(t, { code: "return { get then() { for (;;); } };" });
  t.is(fault.reason, "timeout");
});

test.serial("a toJSON that loops is stopped", async (t) => {
  const { fault } = await attack(t, { code: "return { content: { body: { toJSON() { for (;;); } } } };" });
  t.is(fault.reason, "timeout");
});

test.serial("a promise with its own `then` and `constructor` cannot settle a call twice", async (t) => {
  const { fault } = await attack(t, {
    code: `const promise = Promise.resolve({ nonsense: 1 });
      Object.defineProperty(promise, 'then', { value: (ok) => { ok(); ok(); } });
      return promise;`,
  });
  t.regex(fault.message, /nonsense/);
});

test.serial("a verdict that is a function, or made by a class, is refused", async (t) => {
  const first = await attack(t, { code: "return () => {};" });
  t.is(first.fault.reason, "verdict");
  const second = await attack(t, { code: "return new (class Sneaky { drop = true })();" });
  t.is(second.fault.reason, "verdict");
});

test.serial("a body that is too large is refused", async (t) => {
  const { fault } = await attack(t, { code: 'return { content: { body: "x".repeat(2_000_000) } };' });
  t.is(
    fault.message,
    "`client`: expected `content.body` to be at most 1048576 bytes (`maxMessageSize`), got 2000000",
  );
});
