import type { ExecutionContext } from "ava";
import type { HookName } from "../../../sandbox/contract/hooks.ts";
import { shareSandbox } from "../shared-sandbox.ts";
import { faultOf, show, withoutPlace } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox();
let policies = 0;

/** Of `tick` and `renew` the call says which case: by `late`, and by `data`. */
const runner = `
const cases = { CASES };
export const client = ({ content }) => cases[content.body]();
export const tick = ({ late }) => cases[late]();
export const renew = ({ data, websock }) => typeof data === "number" ? cases[data]() : data;`;

type Case = readonly [verdict: string, seen: unknown];

async function runCases(t: ExecutionContext, hook: "client" | "tick" | "renew", cases: readonly Case[]) {
  const fixture = await useSandbox();
  const policy = `initiatives-${++policies}`;
  const list = cases.map(([verdict], i) => `${i}: () => (${verdict})`).join(",\n");
  await fixture.use(policy, runner.replace("CASES", list));
  const { call } = fixture.seat(policy);
  for (const [i, [verdict, seen]] of cases.entries()) {
    const outcome = await call(hook, payloadOf(hook, i));
    if (typeof seen === "string" && seen !== "unchanged") {
      const fault = faultOf(outcome);
      t.is(fault.reason, "verdict", verdict);
      t.is(withoutPlace(fault.message), `\`${hook}\`: expected ${seen}`, verdict);
    } else t.deepEqual(show(outcome), seen, verdict);
  }
}

function payloadOf(hook: HookName, number: number): string {
  if (hook === "client") return String(number);
  return JSON.stringify({ time: 1, late: number, reason: "request", data: number });
}

test("tick verdicts that are right", (t) =>
  runCases(t, "tick", [
    ["undefined", "unchanged"],
    ["{}", {}],
    [
      '{ toClient: ["é", { a: 1 }, Uint8Array.of(1)], toServer: [Uint8Array.of(2, 3)] }',
      { toClient: ["é", '{"a":1}', [1]], toServer: [[2, 3]] },
    ],
    ["{ close: { code: 4000 }, tick: false }", { close: { code: 4000, reason: "" }, tick: false }],
    ["{ tick: { in: 0 } }", { tick: { in: 0 } }],
    ['{ toClient: ["a"], held: [0, 12.5] }', { toClient: ["a"], held: [0, 12.5] }],
    ["{ tick: { at: 2000000000 } }", { tick: { at: 2_000_000_000_000 } }],
    [
      '{ toServer: [Uint8Array.of(1)], renew: { attributes: { user: "a" }, expires: 9, toClient: ["b", { b: 1 }] } }',
      { toServer: [[1]], renewal: { attributes: { user: "a" }, expires: 9000, toClient: ["b", '{"b":1}'] } },
    ],
  ]));

test("tick verdicts that are wrong", (t) =>
  runCases(t, "tick", [
    ["1", "the verdict to be an object with toClient, toServer, close, tick, held or renew, got 1"],
    [
      "{ drop: true }",
      "the verdict to have only toClient, toServer, close, tick, held or renew, got the key `drop`",
    ],
    ["{ toClient: 'a' }", '`toClient` to be an array of bodies, got "a"'],
    [
      "{ toServer: [undefined] }",
      "`toServer[0]` to be a string, bytes or a value that JSON can hold, got undefined",
    ],
    ["{ held: [-1] }", "`held[0]` to be milliseconds from 0, got -1"],
    ["{ tick: { in: -1 } }", "`tick.in` to be milliseconds from 0 to 31622400000, got -1"],
    ["{ tick: {} }", "`tick` to have either in or at"],
    ["{ tick: { in: 1, at: 1 } }", "`tick` to have either in or at"],
    ["{ tick: true }", "`tick` to be an object with in or at, got true"],
    ["{ close: { code: 1000 }, renew: true }", "`renew` or `close`, got both"],
    ["{ renew: () => 1 }", "`renew` to be plain data (what JSON can hold), got a function"],
  ]));

test("renew verdicts that are right, and wrong ones", (t) =>
  runCases(t, "renew", [
    ["null", "unchanged"],
    [
      "{ attributes: { a: 1 }, expires: 2000000000, renewAt: 5e12, tick: { in: 5 }, close: { code: 1008 } }",
      {
        attributes: { a: 1 },
        expires: 2_000_000_000_000,
        renewAt: 5e12,
        tick: { in: 5 },
        close: { code: 1008, reason: "" },
      },
    ],
    ["{ attributes: 1 }", "`attributes` to be an object, got 1"],
    [
      "{ expires: 1e300 }",
      "`expires` to be a time in milliseconds since 1970, before the year 275761, got 1e+300",
    ],
    ["{ expires: 0 }", "`expires` to be a time in milliseconds (or seconds) since 1970, got 0"],
    [
      "{ renew: true }",
      "the verdict to have only attributes, expires, renewAt, toClient, toServer, close or tick, got the key `renew`",
    ],
  ]));

test("a message's verdict says when the next tick is, and calls renew in its place", (t) =>
  runCases(t, "client", [
    ["{ tick: { in: 5 } }", { aside: { tick: { in: 5 } } }],
    ["{ renew: false }", "unchanged"],
    ["{ renew: true }", "unchanged"],
    [
      '{ drop: true, reply: [Uint8Array.of(1)], renew: { expires: 1, toClient: ["ok"] } }',
      { drop: true, reply: [[1]], aside: { renewal: { expires: 1000, toClient: ["ok"] } } },
    ],
    [
      "{ content: { set: { a: 1 } }, renew: { close: { code: 1008 } } }",
      "the message to be a JSON object, whose members `content.set` and `content.remove` change; it is none",
    ],
  ]));

test("what is wrong with a renewal is said of `renew`", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "blames",
    `export const client = () => ({ renew: { nope: 1 } }); export const renew = ({ data }) => data;`,
  );
  const fault = faultOf(await fixture.seat("blames").client("x"));
  // It was written as data, and not where a hook returns it: no place is told.
  t.regex(fault.message, /^`renew`: expected the verdict to have only attributes, .* got the key `nope`$/);
});

test("a verdict cannot call a hook that there is not", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "hookless",
    `export const client = ({ content }) => JSON.parse(content.body);
     export const upgrade = ({ attributes }) => attributes;`,
  );
  const { call } = fixture.seat("hookless");
  for (const [hook, verdict, key] of [
    ["client", { tick: false }, "tick"],
    ["client", { renew: true }, "renew"],
    ["upgrade", { renewAt: 5 }, "renewAt"],
    ["upgrade", { tick: { in: 5 } }, "tick"],
  ] as const) {
    const payload = hook === "client" ? verdict : { request: {}, attributes: verdict };
    const { message } = faultOf(await call(hook, JSON.stringify(payload)));
    t.regex(message, new RegExp(`^\`${hook}\`: expected no \`${key}\`, for the policy exports no hook`));
  }
});

test("the next message of its direction waits for the renewal, and reads what it has changed; so do others when told", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "renews",
    `export const client = ({ content, websock: { context } }) =>
       content.body === "token" ? { drop: true, renew: { user: "b" } } : { content: { body: JSON.stringify([context.attributes, context.expires]) } };
     export const server = ({ websock: { context } }) => ({ content: { body: JSON.stringify([context.attributes, context.expires]) } });
     export const renew = async ({ data, reason, websock }) => {
       await new Promise((resolve) => setTimeout(resolve, 5));
       return { attributes: { ...data, reason, frozen: Object.isFrozen(websock.context) && Object.isFrozen(data) }, expires: 2e12 };
     };`,
  );
  const { seat, call, client } = fixture.seat("renews", { attributes: { a: 1 } });
  const outcomes = await Promise.all([client("early"), client("token"), client("late")]);
  const renewed = { user: "b", reason: "message", frozen: true };
  t.deepEqual(outcomes.map(show), [
    { body: '[{"a":1},null]' },
    { drop: true, aside: { renewal: { attributes: renewed, expires: 2e12 } } },
    { body: JSON.stringify([{ a: 1, ...renewed }, 2e12]) },
  ]);
  seat.renew(JSON.stringify({ attributes: { told: 1 }, expires: 3e12 }), {
    attributes: { told: 1 },
    expires: 3e12,
  });
  t.deepEqual(show(await call("server", "x")), { body: '[{"told":1},3000000000000]' });
});
