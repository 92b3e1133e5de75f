import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import test from "ava";
import { type PostgresTarget, resolveConfig } from "../../core/config/index.ts";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { clickhouseSchema } from "../../core/sinks/clickhouse/clickhouse-sink.ts";
import { createFleetRecords } from "../../core/sinks/postgres/fleet-records.ts";
import { createPostgresSink } from "../../core/sinks/postgres/postgres-sink.ts";
import { tableSchema } from "../../core/sinks/postgres/table.ts";
import { TrafficError } from "../../core/traffic/errors.ts";
import type { TrafficQuery, TrafficRecord } from "../../core/traffic/records.ts";
import { createMemoryStore } from "../../core/traffic/store/memory-store.ts";
import { readDocument } from "../docs/documents.ts";
import {
  type ArrivedRecord,
  configOf,
  openSinks,
  sessionOf,
  testSinkContract,
} from "../sinks/support/contract.ts";
import { useBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { createCertificate } from "../support/servers/certificate.ts";
import { startClickhouse } from "../support/servers/clickhouse.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";
import { batchOf, closeJson, frameJson, hookJson, jsonBody, upgradeJson } from "../support/traffic-batch.ts";

testSinkContract("postgres", async (t) => {
  if (!has(t, "postgres")) return undefined;
  const postgres = await startPostgres(t);
  return {
    input: { postgres: { url: postgres.url } },
    read: async () =>
      (await postgres.ask<{ record: ArrivedRecord }>("SELECT record FROM framegate_traffic ORDER BY id")).map(
        ({ record }) => record,
      ),
    stop: postgres.kill,
    start: postgres.start,
  };
});

testSinkContract("clickhouse", async (t) => {
  if (!has(t, "clickhouse-server")) return undefined;
  const clickhouse = await startClickhouse(t);
  return {
    input: { clickhouse: { url: clickhouse.url, keep: 0 } },
    read: async () =>
      (
        await clickhouse.ask(
          "SELECT record FROM framegate_traffic FINAL ORDER BY run, seq FORMAT TabSeparatedRaw",
        )
      ).map((line) => JSON.parse(line) as ArrivedRecord),
    stop: clickhouse.kill,
    start: clickhouse.start,
  };
});

test("clickhouse: the table is as the docs have it, and what is wrong is named", async (t) => {
  const table = { table: "framegate_traffic", keepMs: 604_800_000 };
  t.true((await readDocument("docs/sinks.md")).includes(`\`\`\`sql\n${clickhouseSchema(table)}\n\`\`\``));
  if (!has(t, "clickhouse-server")) return;
  process.env.FRAMEGATE_TEST_CLICKHOUSE = "correct horse";
  const { url } = await startClickhouse(t);
  const password = { env: "FRAMEGATE_TEST_CLICKHOUSE" };
  const good = openSinks(t, { clickhouse: { url, keep: 0, user: "writer", password }, every: "10ms" });
  good.sinks.take(sessionOf(1, 1));
  await eventually("the records", () => good.written() === 3);
  process.env.FRAMEGATE_TEST_CLICKHOUSE = "wrong horse";
  const wrong = openSinks(t, { clickhouse: { url, keep: 0, user: "writer", password } });
  await eventually("the reason", () =>
    wrong.lines.some((line) => line.includes("Wrong password for user writer")),
  );
  t.false([...good.lines, ...wrong.lines].join().includes("horse"));
});

test("postgres: the table is as the docs have it, may be made by somebody else, and forgets what is too old", async (t) => {
  if (!has(t, "postgres")) return;
  const statements = tableSchema("framegate_traffic")
    .map((each) => `${each};\n`)
    .join("");
  t.true((await readDocument("docs/sinks.md")).includes(`\`\`\`sql\n${statements}\`\`\``));

  const postgres = await startPostgres(t);
  await postgres.ask(`${statements} CREATE ROLE writer LOGIN; CREATE SCHEMA audit;
    INSERT INTO framegate_traffic (node, run, seq, time, kind, session, route, record)
    SELECT 'old', 'r', n, now() - interval '8 days', 'close', 's', '/', '{}' FROM generate_series(1, 3) AS n`);
  const url = postgres.url.replace("framegate@", "writer@");
  const { sinks, lines, written } = openSinks(t, { postgres: { url, create: false }, every: "10ms" });
  await eventually("the reason", () =>
    lines.some((line) =>
      line.includes("GRANT SELECT, INSERT, UPDATE, DELETE ON framegate_traffic TO writer"),
    ),
  );
  await postgres.ask("GRANT SELECT, INSERT, UPDATE, DELETE ON framegate_traffic TO writer");
  sinks.take(sessionOf(1, 1));
  await eventually("the records", () => written() === 3);
  t.deepEqual(await postgres.ask("SELECT node, count(*)::int FROM framegate_traffic GROUP BY node"), [
    { node: "node-a", count: 3 },
  ]);

  // What is given twice, as after a connection that was lost before the answer, is there once.
  const twice = createPostgresSink({ ...targetOf({ postgres: { url } }), create: false });
  const place = { node: "n", run: "r", time: 1, kind: "close", session: "s", route: "/" } as const;
  const records = [1, 2, 3].map((seq) => ({ ...place, seq, json: JSON.stringify({ ...place, seq }) }));
  const signal = AbortSignal.timeout(60_000);
  await twice.open(signal);
  await twice.write(records.slice(0, 2), signal);
  await twice.write(records, signal);
  await twice.close();
  const there = await postgres.ask<{ seq: string }>(
    "SELECT seq FROM framegate_traffic WHERE node = 'n' ORDER BY id",
  );
  t.deepEqual(
    there.map(({ seq }) => Number(seq)),
    [1, 2, 3],
  );
  const other = openSinks(t, { postgres: { url, create: true, table: "audit.traffic" } });
  await eventually("the reason", () => other.lines.some((line) => line.includes("CREATE on its schema")));
  const nobody = openSinks(t, { postgres: { url: url.replace("/postgres?", "/nothing?") } });
  await eventually("the reason", () => nobody.lines.some((line) => line.includes("make the database")));
});

test("postgres: over TLS with a password that is no part of any line; another certificate is not believed", async (t) => {
  if (!has(t, "postgres")) return;
  process.env.FRAMEGATE_TEST_POSTGRES = "correct horse";
  const tls = createCertificate();
  const [port = 0] = await quietPorts(1);
  const access = ["hostssl all all 127.0.0.1/32 scram-sha-256"];
  const postgres = await startPostgres(t, { port, tls, access });
  await postgres.ask(
    "CREATE ROLE remote LOGIN PASSWORD 'correct horse'; GRANT ALL ON SCHEMA public TO remote",
  );
  const ca = `${postgres.url.replace(/.*host=/, "")}/data/server.crt`;
  const input = (rest: object) => ({
    postgres: {
      ...{ url: `postgres://remote@127.0.0.1:${port}/postgres`, tls: { ca } },
      ...{ password: { env: "FRAMEGATE_TEST_POSTGRES" }, ...rest },
    },
    every: "10ms",
  });
  const good = openSinks(t, input({}));
  good.sinks.take(sessionOf(1, 1));
  await eventually("the records", () => good.written() === 3);
  const strange = openSinks(t, input({ tls: true }));
  await eventually("the reason", () =>
    strange.lines.some((line) => line.includes("self-signed certificate")),
  );
  process.env.FRAMEGATE_TEST_POSTGRES = "wrong horse";
  const wrong = openSinks(t, input({}));
  await eventually("the reason", () =>
    wrong.lines.some((line) => line.includes("password authentication failed")),
  );
  t.false([...good.lines, ...strange.lines, ...wrong.lines].join().includes("horse"));
});

function targetOf(input: object): PostgresTarget {
  const target = configOf(input)[0]?.target;
  if (target?.type !== "postgres") throw new Error("no postgres");
  return target;
}

const browser = useBrowser(test);

/** Two sessions with all that filters look at. */
const all = [
  batchOf([
    { type: "json", session: 1, time: 1000, body: jsonBody({ ...upgradeJson, path: "/chat?room=Blue" }) },
    ...[1, 2, 3].map((sequence) => ({
      ...{ type: "json" as const, session: 1, sequence, time: 1000 + sequence, origin: "server" as const },
      body: jsonBody(
        {
          ...frameJson,
          ...{ outcome: sequence === 2 ? "dropped" : "passed", opcode: sequence === 3 ? 2 : 1 },
          payload: { blob: 5, binary: sequence === 3, length: 5 },
          steps: [
            {
              ...{ policy: "guard", version: "1", action: "passed", detail: "" },
              afterMs: 0,
              durationMs: 0,
              place: "",
            },
          ],
        },
        [Buffer.from(`say ${sequence}`)],
      ),
    })),
    { type: "json", session: 1, time: 1010, body: jsonBody(hookJson) },
    { type: "json", session: 1, time: 1020, body: jsonBody({ ...closeJson, policy: "guard" }) },
  ]),
  batchOf([
    {
      type: "json",
      session: 2,
      route: 1,
      time: 2000.5,
      body: jsonBody({ ...upgradeJson, status: 403, code: "ERR_X" }),
    },
  ]),
];

const queries: readonly Partial<TrafficQuery>[] = [
  {},
  { limit: 2 },
  { kind: "frame" },
  { session: "w1-1" },
  { route: "/feed" },
  { origin: "server" },
  { origin: "client" },
  { opcode: 2 },
  { status: 403 },
  { status: 101 },
  { policy: "guard" },
  { policy: "parts" },
  { outcome: "dropped" },
  { outcome: "sent" },
  { from: 1003 },
  { to: 1002 },
  { from: 2000.5, to: 2000.5 },
  { text: "BLUE" },
  { text: "say 3" },
  { text: "ERR_X" },
  { filter: "ERR_X" },
  { filter: "!kind:frame" },
  { filter: "host:gateway" },
  { filter: "client:127.0.0.0/8 kind:frame | size<3" },
  { filter: "policy:guard@0 action:failed" },
  { text: "nothing like it" },
  { kind: "frame", policy: "guard", text: "say", limit: 1 },
  { route: "'; DROP TABLE framegate_traffic; --" },
];

test("reading from postgres: the same is found as in memory, of all nodes, page by page", async (t) => {
  if (!has(t, "postgres")) return;
  const postgres = await startPostgres(t);
  const input = { postgres: { url: postgres.url, keep: 0 } };
  const { sinks, written } = openSinks(t, input);
  const rules = compileRedaction(USUAL_REDACTION);
  const memory = createMemoryStore({
    rules,
    bounds: { maxBytes: 1e8, maxRecords: 1e6, maxAgeMs: 0, subjects: ["user"] },
  });
  for (const batch of all) {
    sinks.take(batch);
    memory.append(batch);
  }
  await sinks.close();
  t.is(written(), 7);
  const table = createFleetRecords(targetOf(input), { subjects: ["user"] });
  t.teardown(() => table.close());
  const shown = ({ seq: _, node: __, ...record }: TrafficRecord) => record;
  for (const query of queries) {
    const [here, there] = await Promise.all(
      [memory, table].map((store) => store.query({ limit: 100, ...query })),
    );
    t.deepEqual(there!.records.map(shown), here!.records.map(shown), JSON.stringify(query));
    t.is(there!.hasMore, here!.hasMore, JSON.stringify(query));
  }
  t.is((await table.query({ node: "node-a", limit: 100 })).records.length, 7);
  t.is((await table.query({ node: "node-b", limit: 100 })).records.length, 0);
  const newest = await table.query({ limit: 3 });
  const older = await table.query({ limit: 100, before: newest.records.at(-1)!.seq });
  const since = await table.query({ limit: 100, after: older.records[0]!.seq });
  t.deepEqual([newest.records.length, older.records.length, older.hasMore], [3, 4, false]);
  t.deepEqual(since.records, [...newest.records].reverse());
  t.deepEqual(await table.get(newest.records[0]!.seq), newest.records[0]);
  t.is(await table.get(1e9), undefined);
  await eventually("the numbers", () => table.stats().newestSeq === newest.records[0]!.seq);
  t.like(table.stats(), { oldestTime: 1000, records: 7, problem: "" });
  t.throws(() => table.clear(), { instanceOf: TrafficError, code: "ERR_TRAFFIC_SHARED" });
  await postgres.kill();
  const error = await t.throwsAsync(table.query({ limit: 1 }), { instanceOf: TrafficError });
  t.regex(error!.message, /^recorded traffic cannot be read: framegate@/);
  await eventually("the problem", () => table.stats().problem !== "");
  await postgres.start();
  t.is((await table.query({ limit: 100 })).records.length, 7);
});

test("reading from postgres: one connection for all pages, one for searches, another after one that is lost silently, and none at the end", async (t) => {
  if (!has(t, "postgres")) return;
  const postgres = await startPostgres(t);
  for (const statement of tableSchema("framegate_traffic")) await postgres.ask(statement);
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on("warning", onWarning);
  t.teardown(() => process.off("warning", onWarning));
  const connections = () =>
    postgres.ask<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE application_name = 'framegate'");
  const target = targetOf({ postgres: { url: postgres.url } });
  const table = createFleetRecords(target, { subjects: [] }, { statementMs: 1000, lockMs: 200 });
  const ask = (text: string) => table.query({ limit: 1, ...(text !== "" && { text }) });
  const askMany = (count: number, text = "") => Promise.all(Array.from({ length: count }, () => ask(text)));
  await askMany(40);
  t.is((await connections()).length, 1);
  await askMany(22, "nothing like it");
  t.is((await connections()).length, 2);
  await t.throwsAsync(askMany(23, "nothing like it"), { message: /too much is looked for at once/ });

  // Sent and never answered, as after a cut in the network.
  const lost = (await connections()).map(({ pid }) => pid);
  for (const pid of lost) process.kill(pid, "SIGSTOP");
  t.teardown(() => void spawnSync("kill", ["-CONT", ...lost.map(String)]));
  await t.throwsAsync(ask(""), { message: /Query read timeout/ });
  await ask("");
  for (const pid of lost) process.kill(pid, "SIGCONT");

  const locked = postgres.ask("BEGIN; LOCK TABLE framegate_traffic; SELECT pg_sleep(1); COMMIT");
  const isLocked = async () =>
    (await postgres.ask("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")).length > 0;
  await eventually("the lock", isLocked);
  await t.throwsAsync(ask(""), { message: /somebody has locked framegate_traffic/ });
  await locked;

  const last = ask("");
  table.close();
  await t.throwsAsync(last);
  await t.throwsAsync(ask(""), { message: /it is read no more/ });
  await eventually("that they have gone", async () => (await connections()).length === 0);
  t.deepEqual(warnings, []);
});

test("two gateways: the console of each shows the traffic of both, also after a restart, and says when it cannot", async (t) => {
  if (!has(t, "postgres")) return;
  const [postgres, server] = await Promise.all([startPostgres(t), startServer(t)]);
  const routes = [{ path: "/*", upstream: server.url, recording: true }];
  const open = () =>
    startGateway(t, {
      routes,
      config: {
        sinks: [{ postgres: { url: postgres.url }, every: "10ms" }],
        traffic: { readFrom: "postgres" },
        console: { port: 0, token: false },
      },
    });
  const [a, b] = [await open(), await open()];
  for (const { url } of [a, b]) {
    const client = await connectClient(t, `${url}?token=hunter2hunter2`);
    client.send("hello");
    await client.next();
    client.close(1000);
    await client.closed;
  }
  await a.stop();
  const ask = async (path: string, init: RequestInit = {}) => {
    const port = b.gateway.addresses.console?.port;
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const { records } = await eventually("both sessions", async () => {
    const { body } = await ask("traffic?limit=100");
    const page = body as { records: TrafficRecord[] };
    return page.records.length === 12 && page;
  });
  t.is(new Set(records.map(({ session }) => session)).size, 2);
  t.false(JSON.stringify(records).includes("hunter2"));
  t.truthy(records[0]!.node);
  const [{ session }] = records.slice(-1) as [TrafficRecord];
  const explained = await ask(`sessions/${session}/explain`);
  t.is(explained.status, 200);
  const har = (await ask("traffic.har")).body as { log: { entries: unknown[] } };
  t.is(har.log.entries.length, 2);
  const page = await browser.open(t);
  if (page !== undefined) {
    await page.goto(`http://127.0.0.1:${b.gateway.addresses.console?.port}/traffic/websockets`);
    await page.locator(".row", { hasText: hostname() }).first().click();
    await page.getByRole("tab", { name: "Frame", exact: true }).click();
    await page.getByRole("link", { name: hostname() }).click();
    await page.getByRole("button", { name: `Remove the filter machine ${hostname()}` }).waitFor();
    await page.locator(".row", { hasText: hostname() }).first().waitFor();
    // What comes while one looks comes by itself.
    const late = await connectClient(t, b.url);
    late.send("late");
    await page.locator(".row", { hasText: "late" }).first().waitFor();
    await page.close();
  }
  const headers = { "content-type": "application/json" };
  const cleared = await ask("traffic", { method: "DELETE", headers, body: "{}" });
  t.like(cleared, { status: 409, body: { error: { code: "ERR_CONFLICT" } } });
  await postgres.kill();
  t.like(await ask("traffic"), { status: 503, body: { error: { code: "ERR_UNAVAILABLE" } } });
});

test("what reading from postgres needs of a config", (t) => {
  const error = t.throws(() => resolveConfig({ traffic: { readFrom: "postgres" } }, { dir: "/" }));
  t.regex(error!.message, /traffic\.readFrom.*the name of one of sinks that has postgres, got "postgres"/s);
});
