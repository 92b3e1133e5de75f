import { grantingBroker } from "../sandbox/broker/capabilities.ts";
import { bodyOf, startSandbox } from "../sandbox/support.ts";
import { test } from "../sandbox/transports.ts";

/** Traps that never return: of what is read in an object, and of which keys it has. */
const hang = "{ get() { for (;;); } }";
const endlessKeys = "{ ownKeys() { for (;;); } }";

test("getters, Proxies and prototypes in arguments run in the isolate, on the policy's own time", async (t) => {
  const broker = grantingBroker({ grants: { "*": { kv: {}, secrets: ["A"] } }, secrets: { A: "a" } });
  // Each of them takes all of it.
  const fixture = await startSandbox(t, { broker, limits: { messageTimeoutMs: 50 } });
  const attacks = [
    `fetch(new Proxy({}, ${hang}))`,
    `fetch("http://a/", new Proxy({}, ${hang}))`,
    `kv.set("a", new Proxy({ a: 1 }, ${hang}))`,
    `kv.set("a", new Proxy([], ${hang}))`,
    `kv.set("a", new Proxy({}, ${endlessKeys}))`,
    `kv.set("a", 1, Object.defineProperty({}, "expires", ${hang}))`,
    `crypto.subtle.importKey("jwk", new Proxy({}, ${hang}), "HMAC", true, ["sign"])`,
    `crypto.subtle.generateKey(new Proxy({}, ${hang}), true, [])`,
  ];
  for (const [i, code] of attacks.entries()) {
    await fixture.use(`a${i}`, `export const client = async ({ kv, secrets }) => { await ${code}; };`);
    const outcome = await fixture.seat(`a${i}`).client({});
    t.is(outcome.kind === "fault" ? outcome.fault.reason : outcome.kind, "timeout", code);
  }
  t.false(fixture.events.some(({ type }) => type === "host-replaced"));
});

test("what comes back has no prototype but the language's, and `then` in it is a value like any other", async (t) => {
  const broker = grantingBroker({ grants: { "*": { kv: {}, secrets: ["__proto__", "constructor"] } } });
  const fixture = await startSandbox(t, { broker });
  await fixture.use(
    "results",
    `export const client = async ({ kv, secrets }) => {
      const evil = JSON.parse('{"__proto__":{"polluted":1},"then":"x","constructor":{"prototype":{"polluted":1}}}');
      await kv.set("__proto__", { then: "x", a: 1 });
      const back = await kv.get("__proto__");
      const names = await Promise.all(["__proto__", "constructor"].map((name) => secrets.get(name).catch((error) => error.message.includes("no value"))));
      return { content: { body: [back, ({}).polluted === undefined, names, await kv.get("toString") === undefined] } };
    };`,
  );
  t.deepEqual(bodyOf(await fixture.seat("results").client({})), [
    JSON.parse('{ "then": "x", "a": 1 }'),
    true,
    [true, true],
    true,
  ]);
});
