import type { Outcome } from "../../../sandbox/contract/verdicts.ts";
import { bundlePolicy, faultOf, show, startSandbox } from "../../sandbox/support.ts";
import { test } from "../../sandbox/transports.ts";
import { replacements } from "../support.ts";

const cases: Readonly<Record<string, readonly [code: string, refusal: RegExp]>> = {
  "bodies that are right one by one": [
    "{ reply: Array(256).fill('x'.repeat(1e6)) }",
    /all bodies of the verdict together/,
  ],
  "bytes that are right one by one": [
    "{ append: Array(256).fill(new Uint8Array(1e6)) }",
    /all bodies of the verdict together/,
  ],
  "characters that JSON writes as six": [
    `{ reply: Array(3).fill('\\u0001'.repeat(1e6)) }`,
    /all bodies of the verdict together/,
  ],
  "a body in a circle": [
    "(() => { const a = {}; a.a = a; return { content: { body: a } }; })()",
    /JSON\.stringify failed/,
  ],
  "a close reason": ["{ close: { code: 1000, reason: 'x'.repeat(1e6) } }", /at most 123 bytes/],
};

const upgrades: Readonly<Record<string, readonly [code: string, refusal: RegExp]>> = {
  "attributes in a circle": [
    "(() => { const a = {}; a.a = a; return { attributes: a }; })()",
    /nested less than 64 levels/,
  ],
  "attributes that unfold": [
    "(() => { let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return { attributes: { a } }; })()",
    /among at most 131072 values/,
  ],
  "attributes that are longer than may leave": [
    "{ attributes: { a: Array(17).fill('x'.repeat(2 ** 20)) } }",
    /`attributes.a[^`]*`, with what is before it, to be at most 16777216 characters/,
  ],
  "headers without number": [
    "{ headers: Object.fromEntries(Array.from({ length: 300 }, (_, i) => ['h' + i, 'x'])) }",
    /at most 256 fields/,
  ],
  "headers without end": ["{ responseHeaders: { a: 'x'.repeat(70_000) } }", /65536 characters/],
  "values without number": ["{ headers: { a: Array(300).fill('x') } }", /at most 256 values/],
  "a URL without end": ["{ connect: 'http://a/' + 'x'.repeat(10_000) }", /at most 8192 characters/],
};

test("a verdict that is too large as a whole, or has no end, is the fault of its call", async (t) => {
  const fixture = await startSandbox(t, { limits: { messageTimeoutMs: 20_000, upgradeTimeoutMs: 20_000 } });
  const listOf = (all: typeof cases) =>
    Object.values(all)
      .map(([code], i) => `${i}: () => (${code})`)
      .join(",");
  await fixture.use(
    "huge",
    `const cases = { ${listOf(cases)} }; const upgrades = { ${listOf(upgrades)} };
     export const client = ({ content }) => cases[content.body]?.();
     export const upgrade = ({ attributes }) => upgrades[attributes.case]();`,
  );
  const { call } = fixture.seat("huge");
  const check = (outcome: Outcome, refusal: RegExp, what: string) => {
    const { reason, message } = faultOf(outcome);
    t.regex(message, refusal, what);
    t.is(reason, "verdict", what);
  };
  for (const [i, [what, [, refusal]]] of Object.entries(cases).entries())
    check(await call("client", String(i)), refusal, what);
  for (const [i, [what, [, refusal]]] of Object.entries(upgrades).entries()) {
    const context = JSON.stringify({ request: {}, attributes: { case: i } });
    check(await call("upgrade", context), refusal, what);
  }
  t.is(show(await call("client", "99")), "unchanged");
  t.is(replacements(fixture).hosts, 0);
});

test("exports that are too large, or throw what is no error, are a load error", async (t) => {
  const { sandbox } = await startSandbox(t);
  const prepare = async (source: string) => sandbox.prepare(await bundlePolicy("huge", source));
  await t.throwsAsync(prepare("export const optionsSchema = { title: 'x'.repeat(600_000) };"), {
    message: /at most 524288 characters/,
  });
  await t.throwsAsync(
    prepare("export const route = { get path() { throw { message: { toJSON: () => 5 } }; } };"),
    {
      message: /cannot be shown/,
    },
  );
  await t.throwsAsync(prepare("export const route = { get path() { throw null; } };"), {
    message: /cannot be shown/,
  });
});
