import test from "ava";
import { AnswerLog } from "../../core/recording/answer-log.ts";
import { redactAnswer } from "../../core/recording/answer-redaction.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import type { RoutePlan } from "../../core/routes/route-runtime.ts";
import type { CapabilityAsk } from "../../sandbox/contract/capabilities.ts";
import { CapabilityError } from "../../sandbox/index.ts";

const route = (capabilities: boolean, policy: string) =>
  ({
    config: { recording: { sample: 1, payloadBytes: 1, capabilities } },
    chain: [{ policy, route: "/*", options: {} }],
  }) as unknown as RoutePlan;

const asking = (policy: string, kind: CapabilityAsk["kind"], fields: object): CapabilityAsk => ({
  policy,
  version: "v1",
  kind,
  text: JSON.stringify(fields),
  binary: undefined,
  signal: new AbortController().signal,
});

test("what policies of routes that say so are told is kept, within bounds; secrets never are", async (t) => {
  const log = new AnswerLog();
  log.update([route(true, "a"), route(false, "b"), route(true, "shared"), route(false, "shared")]);
  const broker = log.watch({
    async carryOut({ text }) {
      if (text.includes("fails")) throw new CapabilityError("RangeError", "no");
      return { text: text.includes("large") ? "x".repeat(70_000) : '"v"' };
    },
  });
  await broker.carryOut(asking("a", "kv", { op: "get", key: "k" }));
  await t.throwsAsync(broker.carryOut(asking("a", "kv", { op: "get", key: "fails" })));
  await broker.carryOut(asking("a", "kv", { op: "get", key: "large" }));
  await broker.carryOut(asking("a", "secret", { name: "API_KEY" }));
  await broker.carryOut(asking("a", "rate", { key: "r", limit: 1, per: 1 }));
  await broker.carryOut(asking("b", "kv", { op: "get", key: "k" }));
  await broker.carryOut(asking("shared", "kv", { op: "get", key: "of another route" }));
  const { answers, lost } = log.read();
  t.is(lost, 1);
  t.deepEqual(
    answers.map(({ policy, ask, answer }) => ({ policy, ask, answer })),
    [
      { policy: "a", ask: "get k", answer: { text: '"v"' } },
      { policy: "a", ask: "get fails", answer: { error: { name: "RangeError", message: "no" } } },
      { policy: "a", ask: "take r", answer: { text: '"v"' } },
    ],
  );
  for (let count = 0; count < 30_000; count++)
    await broker.carryOut(asking("a", "kv", { op: "get", key: "k" }));
  const full = log.read();
  t.true(full.answers.length < 30_000 && full.answers.length > 5000);
  t.is(full.answers.length + full.lost, 30_004);
});

test("of a route that says nothing it is kept where every listener says so", async (t) => {
  const log = new AnswerLog();
  const silent = { config: {}, chain: [{ policy: "a", route: "/*", options: {} }] } as unknown as RoutePlan;
  const broker = log.watch({ carryOut: async () => ({ text: '"v"' }) });
  const all = { sample: 1, payloadBytes: 1, capabilities: true };
  const keepsWith = async (...recordings: (typeof all | false)[]) => {
    const before = log.read().answers.length;
    log.listen(recordings.map((recording) => ({ recording })));
    await broker.carryOut(asking("a", "kv", { op: "get", key: "k" }));
    return log.read().answers.length > before;
  };
  log.update([silent]);
  t.deepEqual(
    [await keepsWith(all), await keepsWith(all, false), await keepsWith(all, all), await keepsWith()],
    [true, false, true, false],
  );
});

test("an answer leaves with its secrets hidden, in its headers and body, as the rest of the file has them", (t) => {
  const rules = compileRedaction(USUAL_REDACTION).consistent();
  const text = JSON.stringify({
    url: "https://a.example/?token=s3cret",
    status: 200,
    statusText: "",
    redirected: false,
    headers: [["set-cookie", "id=1"]],
  });
  const base64 = Buffer.from('{"access_token":"s3cret"}').toString("base64");
  const ask = "GET https://a.example/?token=s3cret";
  const line = redactAnswer({ time: 1, policy: "a", kind: "fetch", ask, answer: { text, base64 } }, rules);
  t.is(line.ask, "GET https://a.example/?token=[redacted:1]");
  t.true("text" in line.answer);
  if (!("text" in line.answer)) return;
  t.deepEqual(JSON.parse(line.answer.text).headers, [["set-cookie", "[redacted:2]"]]);
  t.is(Buffer.from(line.answer.base64 ?? "", "base64").toString(), '{"access_token":"[redacted:1]"}');
});

test("what kv has stored is JSON in a string of JSON: its secrets are hidden, and it stays JSON for a replay", (t) => {
  const rules = compileRedaction(USUAL_REDACTION);
  const shown = (key: string, value: unknown) => {
    const answer = { text: JSON.stringify(JSON.stringify(value)) };
    const line = redactAnswer({ time: 1, policy: "a", kind: "kv", ask: `get ${key}`, answer }, rules);
    return "text" in line.answer ? JSON.parse(JSON.parse(line.answer.text)) : undefined;
  };
  t.is(shown("u", JSON.stringify({ token: "abcdef" })), '{"token":"[redacted]"}');
  t.deepEqual(shown("u", { session: '{"password":"plainpw"}' }), { session: '{"password":"[redacted]"}' });
  t.deepEqual(shown("u", { token: 'a"b-leaks' }), { token: "[redacted]" });
  t.deepEqual(shown("u", { accessToken: ["a"], passcode: 123456, name: "anna" }), {
    accessToken: "[redacted]",
    passcode: "[redacted]",
    name: "anna",
  });
  for (const key of ["password", "token:anna", "anna/api.key", "u.42.passcode"])
    for (const value of ["s3cret", 123456, { any: "thing" }]) t.is(shown(key, value), "[redacted]", key);
  t.is(shown("tokens", "shown"), "shown");
  const answer = { text: "3" };
  const counted = { time: 1, policy: "a", kind: "kv" as const, ask: "increment token:anna", answer };
  t.deepEqual(redactAnswer(counted, rules).answer, answer);
});
