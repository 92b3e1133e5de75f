import test from "ava";
import { faultOf, show, startSandbox } from "../sandbox/support.ts";

const hang = `
  let asked = 0;
  Array.prototype.indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);`;

test("what is ready has left before the next policy is entered, and what hung the host is not sent again", async (t) => {
  const fixture = await startSandbox(t, { host: { silenceMs: 300 } });
  for (const name of ["good", "other"])
    await fixture.use(name, "let n = 0; export const client = () => ({ content: { body: { n: ++n } } });");
  await fixture.use("hangs", `export const client = () => { ${hang} };`);
  const [good, other, hangs] = [fixture.seat("good"), fixture.seat("other"), fixture.seat("hangs")];
  await Promise.all([good.client(1), other.client(1)]);

  // All of one loop turn: the host has the three of them at once.
  const first = good.client(2);
  const guilty = hangs.client(1);
  const last = other.client(2);

  t.deepEqual(show(await first), { body: '{"n":2}' });
  const isLost = () => fixture.events.some(({ type }) => type === "host-replaced");
  t.false(isLost());
  t.regex(faultOf(await guilty).message, /of policy `hangs`/);
  // It had not begun: a fresh isolate, whose count begins anew, has run it.
  t.deepEqual(show(await last), { body: '{"n":1}' });
  t.is(fixture.events.filter(({ type }) => type === "host-replaced").length, 1);
});
