import test from "ava";
import { shareChains } from "../../standard/support.ts";

const start = shareChains();

/** Policy, its options, and pairs of what the client sends and what comes back from the echo or the gateway. */
const exchanges: readonly (readonly [policy: string, options: object, ...(readonly [string, string])[]])[] = [
  [
    "json-schema",
    { client: { type: "object" }, onViolation: "reply" },
    ["{}", "{}"],
    [
      "5",
      '{"error":"the message does not fit its schema","errors":[{"path":"","message":"Instance type \\"number\\" is invalid. Expected \\"object\\"."}]}',
    ],
  ],
  [
    "json-limits",
    { depth: 2, onViolation: "reply" },
    ["[[1]]", "[[1]]"],
    ["[[[1]]]", '{"error":"the message is refused: nested more than 2 levels deep"}'],
  ],
  [
    "redact",
    { keys: ["password"], find: ["card"] },
    ['{"a":1}', '{"a":1}'],
    ['{"password":1,"n":"4111 1111 1111 1111"}', '{"password":"***","n":"***"}'],
  ],
  [
    "block-patterns",
    { patterns: { x: "x+" }, onViolation: "reply" },
    ["a", "a"],
    ['"\\u0078"', '{"error":"the message has the pattern \\"x\\""}'],
  ],
  ["json-transform", { client: [{ rename: "$.msg", to: "text" }] }, ['{"msg":"a"}', '{"text":"a"}']],
];

for (const [policy, options, ...pairs] of exchanges) {
  test(policy, async (t) => {
    const { connect } = await start(t, [[policy, { ...options }]]);
    const client = await connect();
    for (const [sent, received] of pairs) {
      client.send(sent);
      t.is(await client.next(), received);
    }
  });
}

test("rate-limit", async (t) => {
  const { connect } = await start(t, [["rate-limit", { rate: 2, per: "hour" }]]);
  const client = await connect();
  for (const text of ["1", "2"]) client.send(text);
  t.deepEqual(await client.take(2), ["1", "2"]);
  client.send("3");
  t.deepEqual(await client.closed, { code: 1008, reason: "too many messages" });
});

test("audit", async (t) => {
  const { connect, gateway } = await start(t, [["audit", { fields: { type: "$.type" } }]]);
  const client = await connect();
  client.send('{"type":"order"}');
  await client.next();
  client.close();
  const events: unknown[] = [];
  for (const event of ["upgrade", "client", "server", "close"]) {
    const { msg } = await gateway.logged(({ msg }) => msg.startsWith(`{"event":"${event}"`));
    events.push(JSON.parse(msg));
  }
  const from = { address: "127.0.0.1" };
  t.like(events, [
    { event: "upgrade", ...from, path: "/" },
    { event: "client", ...from, sequence: 1, bytes: 16, type: "order" },
    { event: "server", ...from, sequence: 1, bytes: 16, type: "order" },
    { event: "close", ...from, initiator: "client" },
  ] as never);
});
