import { once } from "node:events";
import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { exportedRecordingSchema } from "../../core/recording/exported-schema.ts";
import type { TrafficRecord } from "../../core/traffic/records.ts";
import { adminToken, ask, bearer, readerToken } from "../admin/console.ts";
import { runCommand } from "../cli/in-process.ts";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { mixer, startWatchedGateway } from "../support/gateways/watched-gateway.ts";

/** Orders above the limit lose their discount; and whoever orders must know the token that let the connection in. */
const policy = (limit: number) => `
import type { Message, Upgrade } from "framegate/policy";

export const upgrade: Upgrade = ({ request }) => ({ attributes: { token: request.query.token ?? "" } });

export const client: Message = async ({ content, kv, websock }) => {
  const [, json] = /^42\\d*(\\[.*)$/s.exec(String(content.body)) ?? [];
  if (json === undefined) return;
  const [name, order] = JSON.parse(json);
  if (order.token !== websock.context.attributes.token) return { close: { code: 1008, reason: "who are you?" } };
  const discount = order.amount > ${limit} ? 0 : 5;
  return { content: { body: "42" + JSON.stringify([name, { ...order, number: await kv.increment("orders"), discount }]) } };
};`;

const token = "a-long-secret-of-anna";

async function startOrders(t: ExecutionContext) {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  server.on("connection", (socket) => socket.on("order", (order) => socket.emit("confirmed", order)));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.teardown(() => server.close());
  const { port, gateway } = await startGateway(t, {
    policies: { "orders.ts": policy(100) },
    config: { console: { port: 0, token: adminToken, readerToken }, grants: { orders: { kv: true } } },
    routes: [
      {
        path: "/socket.io/*",
        upstream: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        policies: ["orders"],
        recording: { payload: "64KiB", capabilities: true },
      },
    ],
  });
  return { port, console: gateway.addresses.console?.port ?? 0 };
}

const admin = { headers: bearer(adminToken) };

async function order(port: number, amounts: readonly number[]): Promise<void> {
  const client = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    reconnection: false,
    query: { token },
  });
  for (const amount of amounts) {
    const confirmed = new Promise((resolve) => client.once("confirmed", resolve));
    client.emit("order", { token, amount });
    await confirmed;
  }
  client.disconnect();
}

test("the socket.io sample is recorded, and replayed against a changed policy: the diff names the one message", async (t) => {
  const { port, console } = await startOrders(t);
  await order(port, [1, 2]);
  await order(port, [10, 60, 200]);
  const upgrades = await ask(console, "/api/v1/traffic?kind=upgrade&limit=1", admin);
  const { session } = upgrades.json.records[0];
  const exported = await eventually("the session has ended, and is recorded", async () => {
    const { json } = await ask(console, `/api/v1/recording?session=${session}`, admin);
    return exportedRecordingSchema.parse(json).recording.includes('"type":"close"') ? json : undefined;
  });
  t.like(exported, { sessions: 1, cutMessages: 0, leftOut: 0, answers: 3, lostAnswers: 0 });
  t.false(exported.recording.includes(token));
  t.true(exported.recording.includes('"redaction":"consistent"'));
  const reader = { headers: bearer(readerToken) };
  const { json: forReader } = await ask(console, `/api/v1/recording?session=${session}`, reader);
  t.true(
    forReader.recording.includes('"redaction":"plain"') && !forReader.recording.includes("[redacted:1]"),
  );

  const dir = await makeFolder(t, { "policies/orders.ts": policy(100) });
  const gateway = ["--gateway", `http://127.0.0.1:${console}`, "--token", adminToken];
  const record = ["record", ...gateway, "--filter", `session:${session}`, "--out", "day.ndjson"];
  t.deepEqual(await runCommand(record, dir), {
    exitCode: 0,
    stdout: `day.ndjson: 1 session, ${exported.messages} messages, 3 answers of kv and fetch\n`,
    stderr: "",
  });
  t.is((await stat(join(dir, "day.ndjson"))).mode & 0o777, 0o600);
  const again = await runCommand(record, dir);
  t.like(again, { exitCode: 1, stdout: "" });
  t.regex(again.stderr, /^framegate: day\.ndjson is there already: name another with --out/);
  const nothing = async (...which: readonly string[]) => {
    const ended = await runCommand(["record", ...gateway, ...which, "--out", "nothing.ndjson"], dir);
    t.like(ended, { exitCode: 1, stdout: "" });
    await t.throwsAsync(stat(join(dir, "nothing.ndjson")), { code: "ENOENT" });
    return ended.stderr;
  };
  t.regex(await nothing("--filter", `session:${session} status>=400`), /^framegate: Nothing is recorded/);
  t.deepEqual(await runCommand(["record", ...gateway, "--filter", "statsu:400"], dir), {
    exitCode: 2,
    stdout: "",
    stderr:
      'framegate: --filter: at character 1: expected the name of a field, got "statsu": did you mean status; in quotes it is looked for as a text. See `framegate --help`.\n',
  });
  t.regex(await nothing("--session", "nobody"), /^framegate: Nothing is recorded of what was asked for/);
  t.regex(await nothing("--route", "orders"), / says: no route "orders"; there are: \/socket\.io\/\*\n$/);
  // The policy compares what the recording hides, and counts on from what others have kept.
  const same = await runCommand(["replay", "day.ndjson"], dir);
  t.regex(same.stdout, /^day\.ndjson: 1 session, \d+ messages replayed\nno new difference\n$/);
  t.is(same.exitCode, 0);

  const { text: har } = await ask(console, `/api/v1/traffic.har?session=${session}`, admin);
  await writeFile(join(dir, "day.har"), har);
  const fromHar = await runCommand(["replay", "day.har", "--against", "policies"], dir);
  t.regex(fromHar.stdout, /^day\.har: 1 session, \d+ messages replayed\nno new difference\n$/);

  await writeFile(join(dir, "policies/orders.ts"), policy(50));
  const changed = await runCommand(["replay", "day.ndjson"], dir);
  t.is(changed.exitCode, 1);
  t.regex(
    changed.stdout,
    /\npolicies\/orders\.ts:6: policy orders, hook client: message\.json\[\*\]\.discount differs\n {2}message \d+ of the client, session \S+ \(line \d+, \S+\)\n {4}message\.json\[1\]\.discount: 5 → 0\n\n1 new difference of 1 kind\n$/,
  );
  t.deepEqual(await runCommand(["replay", "day.ndjson"], dir), changed);
});

test("messages of one segment are recorded in their order, whatever the policy does with each, and all are replayed", async (t) => {
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ann");
  const said = ["one", "drop me", "two", "ask me", "three", "drop me", "end me"];
  client.socket.cork();
  for (const text of said) client.send(text);
  client.socket.uncork();
  await client.closed;
  const path = "/api/v1/traffic?after=0&limit=100";
  const records: readonly TrafficRecord[] = await eventually("the end is recorded", async () => {
    const { json } = await ask(gateway.consolePort, path);
    return json.records.some(({ kind }: TrafficRecord) => kind === "close") ? json.records : undefined;
  });
  const messages = records.filter((record) => record.kind === "frame" && record.steps.length > 0);
  t.deepEqual(
    messages.map((record) => record.kind === "frame" && [record.sequence, record.payload?.data]),
    said.map((text, index) => [index + 1, text]),
  );
  t.deepEqual(
    messages.map((record) => record.kind === "frame" && record.writeMs !== null),
    said.map((text) => !text.endsWith("me")),
  );

  const dir = await makeFolder(t, { "policies/mixer.ts": mixer });
  const { json } = await ask(gateway.consolePort, "/api/v1/recording");
  await writeFile(join(dir, "day.ndjson"), json.recording);
  const replayed = await runCommand(["replay", "day.ndjson"], dir);
  // What the server still answers comes after the end.
  t.regex(
    replayed.stdout,
    /^day\.ndjson: 1 session, 7 messages replayed\n(.*after a policy.*\n)?no new diff/,
  );
  t.is(replayed.exitCode, 0);
});
