import { processTest, test } from "../sandbox/transports.ts";
import { attack, attempt, replacements } from "./support.ts";

test.serial("for (;;) is stopped, and costs nobody else a message", async (t) => {
  const { fault, fixture } = await attack(t, { code: "for (;;);" });
  t.is(fault.reason, "timeout");
  t.regex(
    fault.message,
    /^`client` ran for more than 500 ms \(`sandbox\.messageTimeout`\) and was stopped at attacker-\d+\.ts:3:42$/,
  );
  t.is(replacements(fixture).hosts, 0);
});

test.serial("names of functions name no place but the policy's own", async (t) => {
  const { fault, fixture } = await attack(t, {
    setUp: `
      const fill = "x".repeat(1 << 16);
      const lie = "\\n    at framegate-policy:neighbour:1:1\\n    at /etc/passwd:1:1";
      const name = (fn, text) => Object.defineProperty(fn, "name", { value: text });
      const deep = (n) => name(() => (n > 0 ? deep(n - 1)() : spin()), fill);
      const spin = name(() => { for (;;); }, lie);
    `,
    code: "deep(20)();",
  });
  t.is(fault.reason, "timeout");
  t.regex(fault.message, / and was stopped at attacker-\d+\.ts:6:\d+$/);
  const [headline, ...frames] = fault.stack.split("\n");
  t.is(headline, "`client` ran for more than 500 ms (`sandbox.messageTimeout`) and was stopped");
  t.true(frames.length > 0);
  for (const line of frames) t.regex(line, /^ {4}at .*attacker-\d+\.ts:\d+:\d+\)?$/);
  t.true(fault.stack.length < 16_384);
  t.is(replacements(fixture).hosts, 0);
});

test.serial("a loop that never leaves `finally` is stopped too", async (t) => {
  const { fault } = await attack(t, { code: "for (;;) { try { for (;;); } finally { continue; } }" });
  t.is(fault.reason, "timeout");
});

test.serial("a loop at load is an error of that load, and of nothing else", async (t) => {
  const { fixture } = await attack(t, {
    code: "throw new Error('hello');",
    limits: { loadTimeoutMs: 1000 },
  });
  const error = await t.throwsAsync(fixture.use("loops", "export const client = () => {};\nfor (;;);"));
  t.regex(
    String(error?.message),
    /Policy `loops` could not be loaded: its top level ran for more than 1000 ms \(`sandbox\.loadTimeout`\) \(loops\.ts:2\)/,
  );
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("a regular expression that backtracks for ever is stopped", async (t) => {
  const { fault, fixture } = await attack(t, { code: '/^(a+)+$/.test("a".repeat(40) + "!");' });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("a loop after an await is stopped, and only its call fails", async (t) => {
  const { fault, fixture } = await attack(t, { isAsync: true, code: "await null; for (;;);" });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

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

// Nothing but the end of its process stops it.
processTest.serial("BigInt arithmetic that takes for ever ends with its own call", async (t) => {
  const { outcome } = await attempt(t, {
    code: "let x = 3n ** 100000n; for (;;) x *= x;",
    host: { silenceMs: 300 },
  });
  t.is(outcome.kind, "fault");
});
