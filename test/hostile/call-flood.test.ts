import { test } from "../sandbox/transports.ts";
import { attack, replacements } from "./support.ts";

test.serial("one call cannot ask the gateway without end", async (t) => {
  const { fault, fixture } = await attack(t, { code: "for (;;) new URL('http://a/');" });
  t.regex(fault.message, /RangeError: This call has asked the gateway for too much/);
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("one call cannot have without end hashed", async (t) => {
  const { fault } = await attack(t, {
    isAsync: true,
    code: "const bytes = new Uint8Array(4_000_000); for (;;) await crypto.subtle.digest('SHA-512', bytes);",
  });
  t.regex(fault.message, /asked the gateway for too much/);
});
