import { grantingBroker } from "../sandbox/broker/capabilities.ts";
import { test } from "../sandbox/transports.ts";
import { attack, attempt, replacements } from "./support.ts";

test("one call cannot ask for capabilities without end", async (t) => {
  const { fault, fixture } = await attack(t, {
    broker: grantingBroker({ grants: { "*": { kv: {} } } }),
    isAsync: true,
    code: "const all = []; for (;;) all.push(kv.increment('a'));",
  });
  t.regex(
    fault.message,
    /RangeError: This call has asked the gateway for too much|still pending|memory|ran for/,
  );
  t.deepEqual(replacements(fixture).hosts, 0);
});

test("a chain of calls that each ask for more is stopped at so many on the way", async (t) => {
  const { fixture } = await attempt(t, {
    broker: grantingBroker({ grants: { "*": { kv: {} } } }),
    limits: { asyncTimeoutMs: 5000 },
    isAsync: true,
    code: `const more = async () => { await kv.get("a"); await Promise.all(Array.from({ length: 50 }, more)); };
      await more().catch(() => {});`,
  });
  t.is(replacements(fixture).hosts, 0);
});

test("timers without end are refused", async (t) => {
  const { fault } = await attack(t, {
    isAsync: true,
    limits: { messageTimeoutMs: 2000 },
    code: "for (;;) setTimeout(() => {}, 1000);",
  });
  t.regex(fault.message, /more than 16384 timers/);
});
