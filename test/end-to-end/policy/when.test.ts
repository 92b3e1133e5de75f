import test from "ava";
import { eventually } from "../../support/eventually.ts";
import { readMetric } from "../../support/metrics.ts";
import { askUntil, startPolicies } from "../../support/policies.ts";

/** Marks what it sees. */
const marking = (mark: string, when: string) => `
  import type { Message, When } from "framegate/policy";
  export const when = ${when} satisfies When;
  export const client: Message = ({ content }) => {
    const message = content.json<{ seen?: string[] }>();
    return { content: { body: { ...message, seen: [...(message.seen ?? []), "${mark}"] } } };
  };`;

test("a hook gets the messages that its `when` is for, and no others, and the console says so", async (t) => {
  const { gateway, connect } = await startPolicies(
    t,
    { "orders.ts": marking("orders", `{ client: { json: { type: ["order", "cancel"] } } }`) },
    { config: { console: { port: 0, token: false } } },
  );
  const client = await connect();
  const long = "x".repeat(2000);
  const sent = [
    '{"type":"other"}',
    '{ "type" : "order" }',
    '{"type":"order","type":"other"}',
    '{"\\u0074ype":"canc\\u0065l"}',
    "order",
    `{"type":"other","long":"${long}"}`,
    `{"type":"order","long":"${long}"}`,
  ];
  for (const text of sent) client.send(text);
  t.deepEqual(await client.take(sent.length), [
    '{"type":"other"}',
    '{"type":"order","seen":["orders"]}',
    '{"type":"order","type":"other"}',
    '{"type":"cancel","seen":["orders"]}',
    "order",
    `{"type":"other","long":"${long}"}`,
    `{"type":"order","long":"${long}","seen":["orders"]}`,
  ]);
  t.deepEqual(await readMetric(gateway, "framegate_policy_skipped_total"), [
    '{route="/*",policy="orders",hook="client"} 4',
  ]);
  t.deepEqual(await readMetric(gateway, "framegate_policy_calls_total"), [
    '{route="/*",policy="orders",hook="client"} 3',
  ]);
  const { policies } = (await (
    await fetch(`http://127.0.0.1:${gateway.gateway.addresses.console?.port}/api/v1/policies`)
  ).json()) as { policies: { hooks: unknown[] }[] };
  t.like(policies[0]?.hooks[0], {
    hook: "client",
    calls: 3,
    skipped: 4,
    when: { json: { type: ["order", "cancel"] } },
  });
});

test("policies of a chain decide each by itself, and see messages in order whatever others await", async (t) => {
  const waits = `
    export const when = { client: { json: { slow: [true] } } };
    export const client = async ({ content }) => {
      for (let i = 0; i < 300; i++) await null;
      return { content: { body: { ...content.json(), waited: true } } };
    };`;
  const counts = `
    export const client = ({ content, session }) => {
      session.count = (session.count ?? 0) + 1;
      return { content: { body: { ...content.json(), count: session.count } } };
    };`;
  const waited = marking("waited", "{ client: { json: { waited: [true] } } }");
  const { connect } = await startPolicies(t, { "a.ts": waits, "b.ts": counts, "c.ts": waited });
  const client = await connect();
  const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
  for (const n of numbers) client.send(JSON.stringify({ n, slow: n % 3 === 1 }));
  const messages = (await client.take(numbers.length)).map((text) => JSON.parse(String(text)));
  t.deepEqual(
    messages,
    numbers.map((n) =>
      n % 3 === 1
        ? { n, slow: true, waited: true, count: n, seen: ["waited"] }
        : { n, slow: false, count: n },
    ),
  );
});

test("a new version brings its own `when`, and one that cannot be understood is not loaded", async (t) => {
  const only = (type: string) => marking(type, `{ client: { json: { type: ["${type}"] } } }`);
  const { gateway, connect } = await startPolicies(t, { "a.ts": only("one") });
  const client = await connect();
  const ask = (type: string) => askUntil(client, JSON.stringify({ type }), () => true);
  t.deepEqual([await ask("one"), await ask("two")], ['{"type":"one","seen":["one"]}', '{"type":"two"}']);
  await gateway.write("a.ts", only("two"));
  await askUntil(client, '{"type":"two"}', (answer) => answer.includes("seen"));
  t.is(await ask("one"), '{"type":"one"}');
  await gateway.write("a.ts", marking("three", `{ client: { json: { type: [] } } }`));
  const record = await gateway.logged(({ level, policy }) => level === "error" && policy === "a");
  t.regex(JSON.stringify(record), /expected `when\.client\.json\.type` to have 1 to 256 values, got 0/);
  t.is(await ask("two"), '{"type":"two","seen":["two"]}');
});

test('with `reload: "pin"` open connections keep the `when` of their version', async (t) => {
  const only = (type: string) => marking(type, `{ client: { json: { type: ["${type}"] } } }`);
  const { gateway, connect } = await startPolicies(t, { "a.ts": only("one") }, { route: { reload: "pin" } });
  const old = await connect();
  t.is(await askUntil(old, '{"type":"one"}', () => true), '{"type":"one","seen":["one"]}');
  await gateway.write("a.ts", only("two"));
  await eventually("new connections have the new version", async () => {
    const recent = await connect();
    recent.send('{"type":"two"}');
    return (await recent.next()) === '{"type":"two","seen":["two"]}';
  });
  t.is(await askUntil(old, '{"type":"two"}', () => true), '{"type":"two"}');
  t.is(await askUntil(old, '{"type":"one"}', () => true), '{"type":"one","seen":["one"]}');
});

test("a policy that stands twice in a chain decides twice", async (t) => {
  const once = `
    export const when = { client: { json: { type: ["order"] } } };
    export const client = ({ content }) => {
      const { type, count = 0, ...rest } = content.json();
      return { content: { body: { ...rest, type: rest.keep ? type : "done", count: count + 1 } } };
    };`;
  const { connect } = await startPolicies(
    t,
    { "a.ts": once },
    { route: { policies: ["a", { use: "a", options: { second: true } }] } },
  );
  const client = await connect();
  client.send('{"type":"order"}');
  client.send('{"keep":true,"type":"order"}');
  t.deepEqual(await client.take(2), ['{"type":"done","count":1}', '{"keep":true,"type":"order","count":2}']);
});
