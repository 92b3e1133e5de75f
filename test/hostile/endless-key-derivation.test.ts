import { bodyOf, show, startSandbox } from "../sandbox/support.ts";
import { test } from "../sandbox/transports.ts";

const derive = (iterations: number) => `
  const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "PBKDF2", false, ["deriveBits"]);
  const derive = () => crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: ${iterations} }, key, 256);`;

test("a policy that derives keys without end does not keep another from deriving one", async (t) => {
  const fixture = await startSandbox(t, { limits: { asyncTimeoutMs: 20_000 } });
  await fixture.use(
    "attacker",
    `let done = 0;
    export const client = async ({ content }) => {
      if (content.json() === "count") return { content: { body: [done] } };
      ${derive(200_000)}
      for (let i = 0; i < 80; i++) void derive().then(() => done++, () => {});
      return { content: { body: "begun" } };
    };`,
  );
  await fixture.use(
    "neighbour",
    `export const client = async () => { ${derive(1000)}
      return { content: { body: String((await derive()).byteLength) } }; };`,
  );
  const attacker = fixture.seat("attacker");
  t.deepEqual(show(await attacker.client('"begin"')), { body: "begun" });
  t.deepEqual(show(await fixture.seat("neighbour").client("x")), { body: "32" });
  // Most of what the attacker asked for is still to come.
  const [done] = bodyOf(await attacker.client('"count"')) as [number];
  t.true(done < 40, `${done} of the attacker's came first`);
});
