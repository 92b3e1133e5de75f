import { faultOf, show, startSandbox } from "../../sandbox/support.ts";
import { test } from "../../sandbox/transports.ts";
import { replacements } from "../support.ts";

/** An array that is short when it is checked, and long when it is read. */
const growing = (items: string) => `(() => { let n = 0; return new Proxy([], {
  get: (own, key) => key === "length" ? (n++ === 0 ? 1 : 150_000) : ${items} }); })()`;

test("an array that tells another length each time is read as long as it first said", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use(
    "liar",
    `const cases = {
       grows: () => ({ drop: true, reply: ${growing('"x"')} }),
       noNumber: () => ({ reply: new Proxy([], { get: (own, key) => key === "length" ? { valueOf: () => 5 } : "x" }) }),
       endless: () => ({ reply: new Proxy([], { get: (own, key) => key === "length" ? Infinity : "x" }) }),
       wordy: () => ({ reply: new Proxy([], { get: (own, key) => key === "length" ? "x".repeat(1e7) : "x" }) }),
     };
     export const client = ({ content }) => cases[content.body]();
     export const upgrade = () => ({ headers: { a: ${growing('"x"')} }, attributes: { list: ${growing("1")} } });`,
  );
  const { call } = fixture.seat("liar", { contentType: "text/plain" });
  t.deepEqual(show(await call("client", "grows")), { drop: true, reply: ["x"] });
  for (const what of ["noNumber", "endless", "wordy"]) {
    const fault = faultOf(await call("client", what));
    t.is(fault.reason, "verdict", what);
    t.true(fault.message.length < 200, what);
  }
  t.deepEqual(show(await call("upgrade", '{"request":{},"attributes":{}}')), {
    headers: { a: ["x"] },
    attributes: { list: [1] },
  });
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});
