import test from "ava";
import { show, startSandbox } from "../sandbox/support.ts";

const derive = (iterations: number) => `
  const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "PBKDF2", false, ["deriveBits"]);
  const derive = () => crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: ${iterations} }, key, 256);`;

test("a policy that derives keys without end does not keep another from deriving one", async (t) => {
  const fixture = await startSandbox(t, { limits: { asyncTimeoutMs: 20_000 } });
  await fixture.use(
    "attacker",
    `export const client = async () => { ${derive(200_000)}
      for (let i = 0; i < 200; i++) void derive().catch(() => {});
      return { content: { body: "begun" } }; };`,
  );
  await fixture.use(
    "neighbour",
    `export const client = async () => { ${derive(1000)}
      return { content: { body: String((await derive()).byteLength) } }; };`,
  );
  t.deepEqual(show(await fixture.seat("attacker").client("x")), { body: "begun" });
  const started = performance.now();
  t.deepEqual(show(await fixture.seat("neighbour").client("x")), { body: "32" });
  // All that the attacker asked for would take longer.
  t.true(performance.now() - started < 10_000);
});
