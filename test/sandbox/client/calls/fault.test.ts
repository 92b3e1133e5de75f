import test from "ava";
import { lossFault } from "../../../../sandbox/client/calls/fault.ts";
import { Flight } from "../../../../sandbox/client/calls/flight.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { createVerdictPlaces } from "../../../../sandbox/client/policy/verdict-places.ts";
import { SHARED_GROUP, WORKER_GROUP } from "../../../../sandbox/client/process/host-pool.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import { findWrittenKey } from "../../../../sandbox/key-place.ts";
import { createStackMapper } from "../../../../sandbox/source-map.ts";
import { bundlePolicy } from "../../support.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

test("what is said of a lost host fits where it was", (t) => {
  const policy = policyOf("p");
  const task = new Task(callOf(), seatOf(policy), 1);
  const instance = instanceOf(1);
  new Flight().enter(task, instance, policy.track, false);
  const saidIn = (group: string) => {
    instance.house(group, undefined);
    return (["killed", "nonsense"] as const).map(
      (reason) => lossFault(task, instance.deployment, { reason }, DEFAULT_POLICY_LIMITS).message,
    );
  };
  for (const message of saidIn(SHARED_GROUP)) t.regex(message, /^`client` .*host process .*killed$/);
  for (const message of saidIn(WORKER_GROUP)) t.regex(message, /^`client` .*inside of the worker/);
});

test("what is wrong with a verdict is in one place of the author's, or in none that is named", async (t) => {
  const bundle = await bundlePolicy(
    "p",
    `type Counts = { replies: number };
export const client = ({ session: { replies = 0 } }) => {
  // { replies: 1 }
  if (replies > 5) return { drop: true, replies: ["no"] };
  const { code } = session;
  if (code) return { close: { code, reson: "no" } };
  return code ? { drop: 1 } : { drop: 2 };
};
export const server = ({ replies }) => ({ "got-none": replies });`,
  );
  const places = createVerdictPlaces(bundle, createStackMapper(bundle));
  const placeOf = (part: string) => {
    const place = places.find(part);
    return place && `${place.file}:${place.line}:${place.column}`;
  };
  t.is(placeOf("replies"), "p.ts:4:41");
  t.is(placeOf("close.reson"), "p.ts:6:37");
  t.is(placeOf("close.code"), "p.ts:6:31");
  t.is(placeOf("got-none"), "p.ts:9:43");
  t.is(placeOf("drop"), undefined, "two may be it");
  for (const part of ["", ".", "[", "close", "nowhere", "__proto__", "(a+)+$"]) {
    if (part !== "close") t.is(placeOf(part), undefined, part);
  }
  for (let i = 0; i < 40; i++) placeOf(`made up ${i}`);
  t.is(placeOf("got-none"), "p.ts:9:43");
  t.is(placeOf("reson"), undefined, "so many are looked for, and no more");
});

test("what sets a key in another way may be it, and then no place is named", async (t) => {
  const found = async (part: string, lines: readonly string[]) => {
    const bundle = await bundlePolicy(
      "p",
      ["export const client = ({ content }) => {", ...lines, "};"].join("\n"),
    );
    const place = createVerdictPlaces(bundle, createStackMapper(bundle)).find(part);
    return place && `${place.line}:${place.column}`;
  };
  const close = 'const close = { code: 4000, reason: "{" };';
  t.is(await found("close.code", [close, "return { close };"]), "2:17");
  t.is(await found("close.code", [close, "console.log({ code: 5 });", "return { close };"]), "2:17");
  t.is(
    await found("close.code", ["const close = {};", 'return content("{", { close: { "code": 1 } });']),
    "3:32",
  );
  for (const line of [
    'close["code"] = "wrong";',
    "close.code = 1;",
    "close.code ??= 1;",
    'Object.assign(close, Object.fromEntries([["code", 1]]));',
    'content.set(close, "code", 1);',
  ])
    t.is(await found("close.code", [close, line, "return { close };"]), undefined, line);
  for (const line of [
    'close["co" + "de"] = 1; console.log(JSON.stringify({ code: 5 }));',
    "const reply = { code: 5 };",
    "const other = { close: [{ code: 5 }] };",
  ])
    t.is(await found("close.code", ["const close = {};", line, "return { close };"]), undefined, line);
  t.is(await found("drop", ["const verdict = { drop: 1 };", "return verdict;"]), "2:19");
  t.is(await found("drop", ["return content.body ? {} : { drop: 1 };"]), "2:30");
  t.is(await found("drop", ["return content.body ? 5 : { drop: 1 };"]), "2:29");
  for (const line of [
    "content.is({ drop: 1 });",
    "const all = [{ drop: 1 }];",
    "const a = { b: { drop: 1 } };",
  ])
    t.is(await found("drop", [line, "return content.verdict;"]), undefined, line);
});

test("whatever a policy is made of, and calls a part of its verdict, the search for it is short", (t) => {
  const million = 1_000_000;
  const spaces = " ".repeat(million);
  const codes = [
    spaces,
    `{${spaces}`,
    `{${spaces}a: 1}`,
    `{ a${spaces}: 1}`,
    "{ a: 1".repeat(million / 6),
    "a".repeat(million),
    "a.".repeat(million / 2),
    "{a}".repeat(million / 3),
    "{a:`".repeat(million / 4),
    `{${'"'.repeat(million)}a:1}`,
    `close:{${"()".repeat(million / 2)},a:1}`,
    `{a:1${spaces}}`,
  ];
  const keys = [" ", "", "a", "aa", "a".repeat(64), "a".repeat(10_000), "(a+)+$", "\n", "a b"];
  for (const [row, text] of codes.entries()) {
    for (const key of keys) {
      let steps = 0;
      const code = {
        charAt: (index: number) => {
          steps++;
          return text.charAt(index);
        },
        indexOf: (part: string, from: number) => {
          steps++;
          return text.indexOf(part, from);
        },
      };
      for (const around of [undefined, "", "close"]) {
        steps = 0;
        findWrittenKey(code, { key, around });
        t.true(steps <= 50_000, `${row} ${key.slice(0, 9)} ${around}: ${steps}`);
      }
    }
  }
  t.is(findWrittenKey(`return {${" ".repeat(60)}a: 1}`, { key: "a", around: "" }), 68);
  t.is(findWrittenKey(`{ a: 1 }${"a.".repeat(million)}`, { key: "a" }), undefined, "given up");
});
