import type { PolicyAlert } from "../../../sandbox/contract/capabilities.ts";
import { createMemoryKv } from "../../../sandbox/index.ts";
import { eventually } from "../../support/eventually.ts";
import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf, evaluate, faultOf, show, startSandbox } from "../support.ts";
import { processTest, test } from "../transports.ts";
import { grantingBroker, heldBroker } from "./capabilities.ts";

const useWithoutGrants = shareSandbox(() => ({ broker: grantingBroker() }));
const useWithKv = shareSandbox(() => ({ broker: grantingBroker({ grants: { "*": { kv: {} } } }) }));

test("without a grant each capability says what to add to the config", async (t) => {
  const fixture = await useWithoutGrants();
  await fixture.use(
    "@acme/guard/jwt",
    `export const client = async ({ content, kv, secrets, alert, rates }) => {
      const tries = [
        () => fetch("https://idp.example.com/keys?token=1"), () => kv.get("a"), () => secrets.get("KEY"), () => alert("a"),
        () => rates.take("a", { limit: 1, per: 1000 }),
      ];
      const errors = [];
      for (const run of tries) await run().catch((error) => errors.push([error.name, error.message]));
      return { content: { body: errors } };
    };`,
  );
  t.deepEqual(bodyOf(await fixture.seat("@acme/guard/jwt").client({})), [
    [
      "NotGrantedError",
      'fetch is not granted: add grants: { "@acme/guard/jwt": { fetch: { hosts: ["idp.example.com"] } } } to the config',
    ],
    ["NotGrantedError", 'kv is not granted: add grants: { "@acme/guard/jwt": { kv: true } } to the config'],
    [
      "NotGrantedError",
      'the secret "KEY" is not granted: add grants: { "@acme/guard/jwt": { secrets: ["KEY"] } } to the config',
    ],
    [
      "NotGrantedError",
      'alert is not granted: add grants: { "@acme/guard/jwt": { alert: true } } to the config',
    ],
    [
      "NotGrantedError",
      'rates is not granted: add grants: { "@acme/guard/jwt": { rates: true } } to the config',
    ],
  ]);
});

test("a grant is found by name, then by the longest pattern, and gives nothing else", async (t) => {
  const broker = grantingBroker({
    grants: { "*": { secrets: ["A"] }, "@acme/*": { secrets: ["B"] }, "@acme/guard/jwt": { kv: {} } },
    secrets: { A: "a", B: "b", C: "c" },
  });
  const fixture = await startSandbox(t, { broker });
  const source = `export const client = async ({ kv, secrets }) => ({ content: { body: await Promise.all(
    [kv.get("k"), secrets.get("A"), secrets.get("B"), secrets.get("C")]
      .map((one) => one.then((value) => value ?? "nothing", () => "refused"))) } });`;
  const seen: Record<string, unknown> = {};
  for (const name of ["jwt", "@acme/audit", "@acme/guard/jwt"]) {
    await fixture.use(name, source);
    seen[name] = bodyOf(await fixture.seat(name).client({}));
  }
  t.deepEqual(seen, {
    jwt: ["refused", "a", "refused", "refused"],
    "@acme/audit": ["refused", "refused", "b", "refused"],
    "@acme/guard/jwt": ["nothing", "refused", "refused", "refused"],
  });
});

test("kv: values, expiry, increments and compare-and-set from a hook", async (t) => {
  let now = 1000;
  const broker = grantingBroker({ grants: { "*": { kv: {} } }, kv: createMemoryKv({ now: () => now }) });
  const fixture = await startSandbox(t, { broker });
  await fixture.use(
    "kv",
    `export const client = async ({ content, kv }) => ({ content: { body: await (async () => {
      const { op, args } = content.json();
      const value = await kv[op](...args);
      return { value: value === undefined ? "undefined" : value };
    })().catch((error) => ({ value: String(error) })) } });`,
  );
  const seat = fixture.seat("kv");
  const run = async (op: string, ...args: unknown[]) =>
    (bodyOf(await seat.client({ op, args })) as { value: unknown }).value;
  t.is(await run("get", "a"), "undefined");
  t.is(await run("set", "a", { b: [1, "é"] }), "undefined");
  t.deepEqual(await run("get", "a"), { b: [1, "é"] });
  t.is(await run("compareAndSet", "a", { b: [1, "é"] }, 2, { expires: 10 }), true);
  t.is(await run("increment", "a", 5), 7);
  now += 10;
  t.is(await run("get", "a"), "undefined");
  t.is(await run("increment", "n", 1, { expires: 50 }), 1);
  now += 40;
  t.is(await run("increment", "n", 1, { expires: 50 }), 2, "the first increment's expiry counts");
  now += 10;
  t.is(await run("increment", "n"), 1);
  t.is(await run("delete", "n"), true);
  t.is(await run("delete", "n"), false);
  await run("set", "text", "abc");
  t.regex(String(await run("increment", "text")), /not a whole number/);
  t.regex(String(await run("set", "x", "y".repeat(70_000))), /at most 65536 bytes/);
  t.regex(String(await run("set", "k".repeat(600), 1)), /a key of at most 512/);
  t.regex(String(await run("set", "x", 1, { expires: -1 })), /milliseconds above 0/);
  t.regex(String(await run("increment", "x", 1.5)), /whole number/);
});

test("rates: granted by name, or with kv; counted by namespace and by limit; what is none is said", async (t) => {
  const broker = grantingBroker({
    grants: {
      "*": { rates: {} },
      b: { kv: {} },
      c: { rates: { namespace: "shared" } },
      d: { kv: { namespace: "shared" } },
    },
  });
  const fixture = await startSandbox(t, { broker });
  const source = `export const client = async ({ content, rates }) => ({ content: { body:
    [await rates.take(...content.json()).then(({ allowed }) => allowed, (error) => String(error))] } });`;
  const take = async (policy: string, ...args: unknown[]) =>
    (bodyOf(await fixture.seat(policy).client(args)) as unknown[])[0];
  for (const name of ["a", "b", "c", "d"]) await fixture.use(name, source);
  const once = { limit: 1, per: 3_600_000 };
  t.deepEqual([await take("a", "k", once), await take("a", "k", once)], [true, false]);
  t.true(await take("a", "other", once));
  t.true(await take("a", "k", { ...once, burst: 2 }), "another limit begins anew");
  t.deepEqual([await take("b", "k", once), await take("b", "k", once)], [true, false]);
  t.deepEqual([await take("c", "k", once), await take("d", "k", once)], [true, false]);
  t.regex(String(await take("a", "", once)), /TypeError: .*key/);
  t.regex(String(await take("a", "k".repeat(513), once)), /a key of at most 512/);
  t.regex(String(await take("a", "k")), /a rate such as/);
  for (const [rate, problem] of [
    [{ limit: 0, per: 1000 }, /`limit`/],
    [{ limit: 1 }, /`per`/],
    [{ limit: 1, per: 1000, burst: 1.5 }, /`burst`/],
    [{ limit: 1, per: 1e12, burst: 1e9 }, /TypeError|RangeError/],
    [{ ...once, onStoreLoss: "never" }, /cannot be read/],
  ] as const)
    t.regex(String(await take("a", "k", rate)), problem);
});

test("what cannot be asked is told with the line that asks, wherever it is found out", async (t) => {
  const fixture = await useWithKv();
  for (const [index, [call, message]] of [
    ["rates.take('', { limit: 1, per: 1000 })", /rates\.take: expected the key/],
    ["rates.take('a', { limit: 0, per: 1000 })", /`limit`/],
    ["kv.get('k'.repeat(600))", /a key of at most 512/],
    ["kv.set('a', () => 1)", /kv\.set: expected `value`/],
    ["kv.set('a', 1, { expires: -1 })", /milliseconds above 0/],
    ["alert('a b')", /alert: expected a name/],
    ["alert('a', { at: new Date() })", /alert: expected `details\.at`/],
    ["alert('a')", /alert is not granted/],
    ["secrets.get('KEY')", /is not granted/],
    ["fetch('https://a.example')", /fetch is not granted/],
  ].entries() as IterableIterator<[number, [string, RegExp]]>) {
    const name = `asks-${index}`;
    await fixture.use(
      name,
      `export const client = async ({ kv, rates, alert, secrets }) => {\n  await 1;\n  await ${call};\n};`,
    );
    const fault = faultOf(await fixture.seat(name).client({}));
    t.regex(fault.message, message, call);
    t.regex(fault.stack, new RegExp(`^    at .*${name}\\.ts:3:\\d+`, "m"), call);
  }
});

test("policies do not see each other's keys, the policies of one pack do", async (t) => {
  const fixture = await useWithKv();
  const source = `export const client = async ({ kv }) => ({ content: { body: await kv.increment("hits") } });`;
  const hits: unknown[] = [];
  for (const name of ["a", "b", "@acme/guard/a", "@acme/guard/b", "@acme/other/a"]) {
    await fixture.use(name, source);
    hits.push(bodyOf(await fixture.seat(name).client({})));
  }
  t.deepEqual(hits, [1, 1, 1, 2, 1]);
});

test("a call that nobody answers ends with its hook's time", async (t) => {
  const broker = heldBroker();
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs: 300 } });
  await fixture.use("waits", "export const client = async ({ kv }) => { await kv.get('a'); };");
  const fault = faultOf(await fixture.seat("waits").client({}));
  t.regex(fault.message, /asyncTimeout/);
  await eventually("the ask is given up", () => broker.asks[0]?.signal.aborted === true);
});

processTest("the host that asked is gone: the answer is thrown away and the call runs again", async (t) => {
  const broker = heldBroker();
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs: 20_000 } });
  await fixture.use(
    "waits",
    "export const client = async ({ kv }) => ({ content: { body: await kv.get('a') } });",
  );
  // Of one alone it would be believed that it has killed the host.
  const outcomes = [fixture.seat("waits").client({}), fixture.seat("waits").client({})];
  await broker.asked(2);
  const started = fixture.events.find((event) => event.type === "host-started");
  process.kill((started as { readonly pid: number }).pid, "SIGKILL");
  await broker.asked(4);
  t.true(broker.asks.slice(0, 2).every(({ signal }) => signal.aborted));
  broker.release(JSON.stringify('"late"'));
  for (const outcome of outcomes) t.deepEqual(show(await outcome), { body: "late" });
});

test("a lost isolate's answers are thrown away", async (t) => {
  const broker = heldBroker();
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs: 20_000 } });
  await fixture.use(
    "waits",
    `export const client = async ({ content, kv }) => {
      if (content.json() === "loop") for (;;);
      return { content: { body: (await kv.get("a")) ?? "none" } };
    };`,
  );
  const first = fixture.seat("waits").client("1");
  await broker.asked();
  await fixture.seat("waits").client('"loop"');
  await broker.asked(2);
  t.true(broker.asks[0]?.signal.aborted);
  broker.release("null");
  t.deepEqual(show(await first), { body: "none" });
});

test("an answer that is no answer tells the policy nothing, and the log what it was", async (t) => {
  const fixture = await startSandbox(t, {
    broker: {
      async carryOut() {
        throw new Error("at /secret/path");
      },
    },
  });
  await fixture.use("asks", "export const client = async ({ kv }) => { await kv.get('a'); };");
  const fault = faultOf(await fixture.seat("asks").client({}));
  t.regex(fault.message, /the gateway failed to do it/);
  t.notRegex(fault.message + fault.stack, /secret/);
  t.regex((await fixture.event("log")).line.text, /\/secret\/path/);
});

test("capabilities are there in every hook, frozen, and not before", async (t) => {
  const fixture = await useWithKv();
  t.deepEqual(
    await evaluate(
      t,
      fixture,
      "[typeof fetch, typeof setTimeout, typeof AbortController, typeof Headers, typeof CryptoKey, Object.isFrozen(fetch)]",
    ),
    ["function", "function", "function", "function", "function", true],
  );
  await fixture.use(
    "frozen",
    `let early; try { early = setTimeout(() => {}); } catch (error) { early = String(error); }
    export const client = async ({ kv, secrets }) => ({ content: { body: [
      Object.isFrozen(kv), Object.isFrozen(kv.get), Object.isFrozen(secrets), early] } });
    export const upgrade = async ({ kv }) => ({ attributes: { count: await kv.increment("n") } });
    export const close = async ({ kv }) => { await kv.increment("n"); };`,
  );
  const seat = fixture.seat("frozen");
  t.deepEqual(bodyOf(await seat.client({})), [
    true,
    true,
    true,
    "Error: setTimeout: only hooks may use it, not the top level of the policy",
  ]);
  t.deepEqual(show(await seat.call("upgrade", "{}")), { attributes: { count: 1 } });
  t.is(show(await seat.call("close", "{}")), "unchanged");
  t.deepEqual(show(await seat.call("upgrade", "{}")), { attributes: { count: 3 } });
});

test("what a policy asks for can be read, and grants nothing", async (t) => {
  const fixture = await useWithoutGrants();
  await fixture.use(
    "asks",
    "export const capabilities = { kv: true }; export const client = ({ kv }) => kv.get('a');",
  );
  t.deepEqual(fixture.sandbox.exports("asks")?.capabilities, { kv: true });
  t.regex(faultOf(await fixture.seat("asks").client({})).message, /kv is not granted/);
});

test("an alert has a name and plain details of a few kilobytes, and the policy's own name and version", async (t) => {
  const alerts: PolicyAlert[] = [];
  const broker = grantingBroker({ grants: { "*": { alert: true } }, alert: (alert) => alerts.push(alert) });
  const fixture = await startSandbox(t, { broker });
  const { version } = await fixture.use(
    "loud",
    `export const client = async ({ alert }) => {
      const tries = [
        ["ok"], ["with.details", { n: 1, list: ["a"] }], ["no spaces"], [1], ["a", []], ["a", { f() {} }],
        ["a", { text: "x".repeat(9000) }],
      ];
      const errors = [];
      for (const args of tries) await alert(...args).catch((error) => errors.push(error.name));
      return { content: { body: errors } };
    };`,
  );
  t.deepEqual(bodyOf(await fixture.seat("loud").client({})), [
    "TypeError",
    "TypeError",
    "TypeError",
    "Error",
    "RangeError",
  ]);
  t.deepEqual(alerts, [
    { policy: "loud", version, name: "ok", details: {} },
    { policy: "loud", version, name: "with.details", details: { n: 1, list: ["a"] } },
  ]);
});
