import test from "ava";
import { trafficPageSchema } from "../../../core/admin/api/api-schema.ts";
import type { FrameRecord } from "../../../core/traffic/records.ts";
import { ask } from "../../admin/console.ts";
import { eventually } from "../../support/eventually.ts";
import { askUntil, startPolicies } from "../../support/policies.ts";

/** Changes what it never sees. */
const blind = `
  import type { Message, When } from "framegate/policy";
  export const when = { client: { json: { type: ["order"] }, body: false } } satisfies When;
  export const client: Message = ({ session, frame }) => {
    session.orders = (session.orders ?? 0) + 1;
    if (frame.length > 5000) return { drop: true, reply: ["too long: " + frame.length] };
    return { content: { set: { order: session.orders }, remove: ["internal"] } };
  };`;

const before = `
  export const client = ({ content }) => {
    const { raw, ...rest } = content.json();
    return raw === undefined ? undefined : { content: { body: { type: raw, ...rest } } };
  };`;

const after = `export const client = ({ content }) => content.body.includes("stop")
  ? { close: { code: 4000, reason: content.body } } : undefined;`;

for (const [what, perMessageDeflate] of [
  ["as they are", false],
  ["compressed", { threshold: 0 }],
] as const) {
  test(`a hook that is not given bodies sets members of messages that come ${what}, in its place in the chain`, async (t) => {
    const { gateway, connect } = await startPolicies(
      t,
      { "a.ts": before, "b.ts": blind, "c.ts": after },
      { route: { recording: true }, config: { console: { port: 0, token: false } } },
    );
    const client = await connect("/", { perMessageDeflate });
    const long = "x".repeat(3000);
    for (const text of [
      '{"type": "order", "internal": 1}',
      '{"raw":"order","internal":1,"é":"é"}',
      '{"raw":"other","internal":1}',
      '{ "type":"order","type":"other" }',
      `{"type":"order","long":"${long}", "internal":[]}`,
      `{"type":"order","long":"${long}${long}"}`,
    ])
      client.send(text);
    // A reply goes straight to its sender, and so may come before an echo.
    const answers = [];
    while (answers.length < 6) answers.push(await client.next());
    t.deepEqual(
      answers.filter((text) => text !== "too long: 6026"),
      [
        '{"type": "order","order":1}',
        '{"type":"order","é":"é","order":2}',
        '{"type":"other","internal":1}',
        '{ "type":"order","type":"other" }',
        `{"type":"order","long":"${long}","order":3}`,
      ],
    );
    client.send('{"type":"order","say":"stop"}');
    t.deepEqual(await client.closed, { code: 4000, reason: '{"type":"order","say":"stop","order":5}' });

    const { port } = gateway.gateway.addresses.console!;
    const [, { hooks }] = (await ask(port, "/api/v1/policies")).json.policies;
    t.like(hooks[0], { calls: 5, skipped: 2, faults: 0, when: { json: { type: ["order"] }, body: false } });
    // What came and what left are the worker's, who has both.
    const record = await eventually("the frame is recorded", async () => {
      const { json } = await ask(port, "/api/v1/traffic?kind=frame&origin=client");
      const { records } = trafficPageSchema.parse(json);
      return records.find((one): one is FrameRecord => one.kind === "frame" && one.sequence === 1);
    });
    t.is(record.payload?.data, '{"type": "order", "internal": 1}');
    t.is(record.after?.data, '{"type": "order","order":1}');
  });
}

test("a hook that reads what it said it does not is told so, and the next version may read", async (t) => {
  const reads = (when: string) => `
    export const when = ${when};
    export const client = ({ content }) => ({ content: { body: content.body + "!" } });`;
  const { gateway, connect } = await startPolicies(
    t,
    { "reads.ts": reads("{ client: { body: false } }") },
    { route: { onError: "pass" } },
  );
  const client = await connect();
  client.send("one");
  t.is(await client.next(), "one");
  const { msg, error } = await gateway.logged(({ level, policy }) => level === "error" && policy === "reads");
  t.regex(
    `${msg} ${JSON.stringify(error)}`,
    /`content\.body` is not here, for `when\.client\.body` is false/,
  );
  await gateway.write("reads.ts", reads("{ client: { minLength: 1 } }"));
  t.is(await askUntil(client, "two", (answer) => answer.includes("!")), "two!");
});
