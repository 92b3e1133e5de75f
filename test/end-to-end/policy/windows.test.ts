import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { WebSocket } from "ws";
import type { HookRecord } from "../../../core/traffic/records.ts";
import { loadPolicy } from "../../../testing/index.ts";
import { ask } from "../../admin/console.ts";
import { makeFolder } from "../../config/folder.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

/** Parts of texts are joined; what is none of them goes behind those that were before it. */
const parts = (options: string) => `
  import { window } from "framegate/lenses";
  export default window({
    from: "server",
    key: ({ content }) => content.json().part,
    ends: ({ content }) => content.json().isLast === true,
    ${options}
  });`;
const joined = `join: (messages, key) => ({ whole: key, text: messages.map((message) => message.json().text).join("") }),`;

async function policyOf(t: ExecutionContext, source: string) {
  return loadPolicy(join(await makeFolder(t, { "policy.ts": source }), "policy.ts"), { now: 1e12 });
}

const part = (key: string, text: string, isLast?: true) => ({ part: key, text, ...(isLast && { isLast }) });

test("a window over sockets: what belongs together is one message, in its place, or sent when time is up", async (t) => {
  const server = await startServer(t, () => {});
  const gateway = await startGateway(t, {
    policies: { "parts.ts": parts(`${joined} maxMilliseconds: 50`) },
    routes: [
      {
        ...{ path: "/", upstream: server.url, policies: ["parts"], recording: true },
        log: { payloads: ["toClient"] },
      },
    ],
    config: { console: { port: 0, token: false } },
  });
  const { ws } = await connectClient(t, gateway.url);
  const heard: string[] = [];
  ws.on("message", (data) => {
    const message = JSON.parse(String(data)) as { readonly text?: string; readonly round?: number };
    heard.push(message.text ?? `|${message.round}|`);
  });
  const socket: WebSocket = await server.accept();
  const send = (message: object) => socket.send(JSON.stringify(message));
  const hears = (text: string) => eventually(`it hears ${text}`, () => heard.join("").endsWith(text));

  let expected = "";
  for (let round = 0; round < 40; round++) {
    for (let each = 0; each < 5; each++) {
      send(part("a", `${round}.${each} `));
      expected += `${round}.${each} `;
    }
    // Some end by time, and what comes after goes behind; the others end by what comes behind.
    if (round % 10 === 5) await hears(`${round}.4 `);
    send({ round });
    expected += `|${round}|`;
  }
  send(part("b", "the "));
  send(part("b", "end"));
  await hears("the end");
  t.is(heard.join(""), `${expected}the end`);
  t.true(heard.length < 100, `${heard.length} messages of 242`);
  // What a tick has sent is there to be seen, and ticks that sent nothing are not.
  const { port = 0 } = gateway.gateway.addresses.console ?? {};
  const { records } = (await ask(port, "/api/v1/traffic?kind=hook&policy=parts&outcome=sent&text=the+end"))
    .json;
  t.like(records[0], { kind: "hook", hook: "tick", by: "time", route: "/", policy: "parts", toServer: [] });
  t.deepEqual(
    records.map(({ toClient }: HookRecord) => toClient.at(-1)?.data),
    ['{"whole":"b","text":"the end"}'],
  );
  const all = (await ask(port, "/api/v1/traffic?kind=hook&limit=1000")).json.records as HookRecord[];
  t.true(all.every(({ toClient, outcome }) => outcome === "sent" && toClient.length > 0));
  const line = await gateway.logged(({ payload }) => payload === '{"whole":"b","text":"the end"}');
  t.like(line, { point: "toClient", hook: "tick", policy: "parts", outcome: "sent" });

  // All parts were held.
  const held = await readMetric(gateway, "framegate_policy_held_seconds_count");
  const counts = held.map(
    (sample) => /^\{route="\/",policy="parts",hook="(\w+)"\} (\d+)$/.exec(sample)?.slice(1) ?? [],
  );
  t.deepEqual(counts.map(([hook]) => hook).toSorted(), ["server", "tick"]);
  t.true(counts.reduce((sum, [, count]) => sum + Number(count), 0) >= 202, held.join());
  const [, seconds] = (await readMetric(gateway, "framegate_policy_held_seconds_sum")).map((each) =>
    Number(each.split(" ")[1]),
  );
  t.true(seconds !== undefined && seconds > 0.05);
});

test("what a window holds outlives a new version of the policy, which joins it", async (t) => {
  const server = await startServer(t, () => {});
  const gateway = await startGateway(t, {
    policies: { "parts.ts": parts(`${joined} maxMilliseconds: 60_000`) },
    routes: [{ path: "/", upstream: server.url, policies: ["parts"] }],
    config: { console: { port: 0, token: false } },
  });
  const open = async () => {
    const client = await connectClient(t, gateway.url);
    const socket: WebSocket = await server.accept();
    return { client, send: (message: object) => socket.send(JSON.stringify(message)) };
  };
  const { client, send } = await open();
  const other = await open();
  send(part("a", "of the old version, "));
  const verdicts = () => readMetric(gateway, "framegate_policy_verdicts_total");
  await eventually("it is held", async () =>
    (await verdicts()).some((sample) => /"dropped"\} 1$/.test(sample)),
  );
  const next = joined.replace("whole: key", "of: key, isNew: true");
  await gateway.write("parts.ts", parts(`${next} maxMilliseconds: 60_000`));
  await eventually("the new version is there", async () => {
    other.send(part("b", "", true));
    return JSON.parse(String(await other.client.next())).isNew === true;
  });
  send(part("a", "and of the new", true));
  t.deepEqual(JSON.parse(String(await client.next())), {
    of: "a",
    isNew: true,
    text: "of the old version, and of the new",
  });
});

test("a window ends with its last message, with one of another kind, when it is full, and when time is up", async (t) => {
  const policy = await policyOf(t, parts(`${joined} maxMessages: 3, maxMilliseconds: 1000`));
  const connection = policy.connection();
  const open = await connection.server(part("a", "1"));
  t.like(open, { isDropped: true, appended: [] });
  t.true((await connection.server(part("b", "x"))).isDropped);
  t.true((await connection.server(part("a", "2"))).isDropped);
  const ended = await connection.server(part("a", "3", true));
  t.deepEqual(
    [ended.json(), ...ended.appended.map((body) => JSON.parse(String(body)))],
    [
      { whole: "a", text: "123" },
      { whole: "b", text: "x" },
    ],
  );
  t.is((await connection.server('{"other":1}')).body, '{"other":1}');

  await connection.server(part("c", "1"));
  const other = await connection.server('{"other":2}');
  t.deepEqual([other.json(), ...other.appended], [{ whole: "c", text: "1" }, '{"other":2}']);

  for (const text of ["1", "2", "3"]) await connection.server(part("d", text));
  t.deepEqual((await connection.server(part("d", "4"))).json(), { whole: "d", text: "1234" });
  const large = await connection.server(part("e", "x".repeat(40_000)));
  t.is((large.json() as { text: string }).text.length, 40_000);

  await connection.server(part("f", "1"));
  await policy.clock.advance(400);
  const early = await connection.tick();
  t.deepEqual([early.toClient, early.tick], [[], { in: 600 }]);
  await policy.clock.advance(600);
  const due = await connection.tick();
  t.deepEqual(due.toClient, ['{"whole":"f","text":"1"}']);
  t.is(due.tick, false);
  t.is((await connection.server('{"other":3}')).body, '{"other":3}');
  t.deepEqual((await connection.server(part("g", "1"))).tick, { in: 1000 });
});

test("a window without `join` holds messages as they are, bytes too, and says what is lost at the end", async (t) => {
  const policy = await policyOf(
    t,
    `import { window } from "framegate/lenses";
     export default window({ from: "client", key: ({ frame }) => (frame.length < 5 ? "small" : undefined) });`,
  );
  const connection = policy.connection();
  await connection.client(new Uint8Array([1, 2]));
  await connection.client("ab");
  const { body, appended } = await connection.client("a longer one");
  t.deepEqual([body, ...appended], [new Uint8Array([1, 2]), "ab", "a longer one"]);
  await connection.client("cd");
  await connection.close();
  t.deepEqual(
    policy.logs.map(({ level, text }) => [level, text]),
    [["warn", "a window held 1 messages when the connection ended: they are lost"]],
  );
  await t.throwsAsync(policyOf(t, parts("maxMilliseconds: 10")), {
    message: /window: expected `maxMilliseconds` to be a whole number from 50 to 60000, got 10/,
  });
});

test("windows of both directions in one policy are apart, and a key counts as what is held", async (t) => {
  const policy = await policyOf(
    t,
    `import { countWindow, window } from "framegate/lenses";
     const rules = { key: ({ content }) => content.json().key };
     const [ofClient, ofServer] = [window({ ...rules, from: "client" }), window({ ...rules, from: "server" })];
     const counts = countWindow({ ...rules, ends: () => false, onEnd: () => {} });
     export const client = (context) => (counts.client(context), ofClient.client(context));
     export const server = (context) => ofServer.server(context);
     export const tick = (context) => ({ ...ofClient.tick(context), ...ofServer.tick(context) });`,
  );
  const connection = policy.connection();
  const [question, answer] = ['{"key":"a","of":"client"}', '{"key":"a","of":"server"}'];
  t.true((await connection.client(question)).isDropped);
  t.true((await connection.server(answer)).isDropped);
  await policy.clock.advance(100);
  t.like(await connection.tick(), { toServer: [question], toClient: [answer] });
  const long = JSON.stringify({ key: "\u0001".repeat(10_000) });
  t.is((await connection.server(long)).body, long);
});

test("a request and its answer are counted and timed, and one without an answer ends the connection", async (t) => {
  const policy = await policyOf(
    t,
    `import { countWindow } from "framegate/lenses";
     export default countWindow({
       key: ({ content }) => content.json().id,
       ends: ({ frame }) => frame.origin === "server",
       onEnd: (count, { log }) => {
         log.info(JSON.stringify(count));
         if (count.cause !== "ends") return { close: { code: 1008, reason: count.cause } };
       },
       maxMessages: 2, maxMilliseconds: 5000,
     });`,
  );
  const connection = policy.connection();
  t.is((await connection.client({ id: "a" })).isDropped, false);
  await policy.clock.advance(70);
  t.is((await connection.server({ id: "a", ok: true })).close, undefined);
  await connection.server({ id: "unasked" });
  await connection.client({ id: "b" });
  await connection.client({ id: "b" });
  t.is((await connection.client({ id: "b" })).close?.reason, "full");
  await connection.client({ id: "c" });
  await policy.clock.advance(5000);
  t.is((await connection.tick()).close?.reason, "time");
  t.deepEqual(
    policy.logs.map(({ text }) => JSON.parse(text)),
    [
      { key: "a", messages: 2, bytes: 30, milliseconds: 70, cause: "ends" },
      { key: "b", messages: 3, bytes: 30, milliseconds: 0, cause: "full" },
      { key: "c", messages: 1, bytes: 10, milliseconds: 5000, cause: "time" },
    ],
  );
});
