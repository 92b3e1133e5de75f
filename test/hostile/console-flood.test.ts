import { test } from "../sandbox/transports.ts";
import { attempt, replacements } from "./support.ts";

test.serial("a flood of log lines is cut to 64 a call, and then to the policy's rate", async (t) => {
  const { fixture } = await attempt(t, { code: "for (let i = 0; i < 100_000; i++) console.log('line', i);" });
  const lines = fixture.events.filter((event) => event.type === "log");
  t.is(lines.length, 64);
  t.is(lines.at(-1)?.line.text, "line 63 [Lines after the 64th of this call are left out.]");
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test.serial("a long line is cut", async (t) => {
  const { fixture } = await attempt(t, {
    code: "console.log('x'.repeat(1_000_000), { deep: 'y'.repeat(100_000) });",
  });
  const { line } = await fixture.event("log");
  t.is(line.text.length, 2049);
});

test.serial("a value that cannot be shown does no harm", async (t) => {
  const { fixture } = await attempt(t, {
    code: "console.log({ get a() { throw new Error(); } }); const loop = {}; loop.loop = loop; console.log(loop);",
  });
  const texts = fixture.events.flatMap((event) => (event.type === "log" ? [event.line.text] : []));
  t.deepEqual(texts, ["{ a: [value that cannot be shown] }", "{ loop: { loop: { loop: { loop: {…} } } } }"]);
});
