import { heldBroker } from "../sandbox/broker/capabilities.ts";
import { test } from "../sandbox/transports.ts";
import { attack } from "./support.ts";

const broker = heldBroker();

for (const [name, code] of Object.entries({
  "a body for fetch": "await fetch('http://a/', { method: 'POST', body: new Uint8Array(20_000_000) });",
  "a value for kv": "await kv.set('a', 'x'.repeat(16_000_000) + 'y'.repeat(2_000_000));",
  "one text many times as a value for kv": "await kv.set('a', new Array(1000).fill('x'.repeat(1_000_000)));",
  "data to sign": `const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    await crypto.subtle.sign("HMAC", key, new Uint8Array(20_000_000));`,
})) {
  test.serial(`too large to leave the isolate: ${name}`, async (t) => {
    const { fault } = await attack(t, { broker, isAsync: true, limits: { messageTimeoutMs: 20_000 }, code });
    t.regex(fault.message, /more than 16777216 bytes|at most 16777216 characters, got more/);
    t.is(broker.asks.length, 0);
  });
}
