import { faultOf, show, startSandbox } from "../../sandbox/support.ts";
import { test } from "../../sandbox/transports.ts";
import { replacements } from "../support.ts";

/** Each says one thing when it is checked and another when it is written down. */
const twoFaced = {
  "a `toJSON` that nobody enumerates":
    "Object.defineProperty({}, 'toJSON', { value: () => 5, enumerable: false })",
  "a `toJSON` that gives a deep value": `Object.defineProperty({}, 'toJSON', {
      value: () => { let deep = []; for (let i = 0; i < 30_000; i++) deep = [deep]; return deep; } })`,
  "a getter": "(() => { let n = 0; return { get a() { return n++ === 0 ? 1 : { b: undefined }; } }; })()",
  "a Proxy": `(() => { let n = 0; return new Proxy({ a: 1 }, {
      get: (own, key) => key === 'toJSON' && n++ > 0 ? () => 5 : own[key] }); })()`,
};

test("attributes are what has been checked, whatever they say when they are asked again", async (t) => {
  const fixture = await startSandbox(t);
  const cases = Object.values(twoFaced)
    .map((code, i) => `${i}: () => (${code})`)
    .join(",");
  await fixture.use(
    "sly",
    `const cases = { ${cases} };
     export const upgrade = ({ attributes }) => ({ attributes: cases[attributes.case]() });`,
  );
  const { call } = fixture.seat("sly");
  for (const [i, what] of Object.keys(twoFaced).entries()) {
    const outcome = await call("upgrade", JSON.stringify({ request: {}, attributes: { case: i } }));
    t.is(outcome.kind, "upgrade", what);
    t.true(JSON.stringify(show(outcome)).length < 40, what);
  }
  t.deepEqual(replacements(fixture), { hosts: 0, isolates: 0 });
});

test("a session that becomes something else is back at its last checkpoint", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use(
    "sly",
    `export const client = ({ content, session }) => {
       session.count = (session.count ?? 0) + 1;
       if (content.body === "attack") Object.defineProperty(session, "toJSON", { value: () => 5 });
       return { content: { body: session.count } };
     };`,
  );
  const { client } = fixture.seat("sly");
  t.deepEqual(show(await client("go")), { body: "1" });
  t.regex(faultOf(await client("attack")).message, /expected `session` to be plain data/);
  t.deepEqual(show(await client("go")), { body: "2" });
});
