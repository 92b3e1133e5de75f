import { processTest, test } from "../sandbox/transports.ts";
import { attack, attempt, replacements } from "./support.ts";

test.serial("an error whose message is a looping getter is stopped", async (t) => {
  const { fault, fixture } = await attack(t, { code: "throw { get message() { for (;;); } };" });
  t.true(["throw", "timeout"].includes(fault.reason));
  t.is(replacements(fixture).hosts, 0);
});

test.serial("an Error with a looping `stack` is stopped", async (t) => {
  const { fault, fixture } = await attack(t, {
    code: "const error = new Error(); Object.defineProperty(error, 'stack', { get() { for (;;); } }); throw error;",
  });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("Error.prepareStackTrace cannot be set", async (t) => {
  const { fault, fixture } = await attack(t, {
    code: "Error.prepareStackTrace = () => { for (;;); }; throw new Error('after');",
  });
  t.is(fault.reason, "throw");
  t.regex(fault.message, /read only property 'prepareStackTrace'/);
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("a Proxy thrown whose traps loop is stopped", async (t) => {
  const { fault, fixture } = await attack(t, {
    code: "throw new Proxy(new Error(), { get() { for (;;); }, getPrototypeOf() { for (;;); } });",
  });
  t.is(fault.reason, "timeout");
  t.is(replacements(fixture).hosts, 0);
});

test.serial("a Proxy thrown whose traps throw is an error like any other", async (t) => {
  const { fault, fixture } = await attack(t, {
    code: "const trap = () => { throw 1 }; throw new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap });",
  });
  t.is(fault.reason, "throw");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("rejections that nobody handles are logged, and no result is lost", async (t) => {
  const { outcome, fixture } = await attempt(t, { code: "Promise.reject(new Error('forgotten'));" });
  t.is(outcome.kind, "message");
  const { line } = await fixture.event("log");
  t.is(line.text, "unhandled rejection: forgotten");
});

test.serial("a flood of rejections ends with its own call, or is borne", async (t) => {
  const { outcome, fixture } = await attempt(t, {
    code: "for (let i = 0; i < 20_000; i++) Promise.reject(new Error('no'));",
  });
  if (outcome.kind === "fault") t.is(outcome.fault.reason, "timeout");
  else t.is((await fixture.event("log")).line.text, "unhandled rejection: no");
  t.is(replacements(fixture).hosts, 0);
  t.true(fixture.events.filter(({ type }) => type === "log").length <= 64, "it floods no log");
});

// Inside of a worker it is the worker that the supervisor replaces.
processTest.serial("a rejection with a looping getter kills the host at worst", async (t) => {
  const { fixture } = await attempt(t, {
    code: "Promise.reject({ get message() { for (;;); }, get stack() { for (;;); } });",
    host: { silenceMs: 300 },
  });
  t.true(replacements(fixture).hosts <= 2);
});
