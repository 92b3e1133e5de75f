import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "ava";
import { trafficPageSchema, trafficStatsSchema } from "../../../core/admin/api/api-schema.ts";
import { filterHelpSchema } from "../../../core/admin/api/traffic/filter-schema.ts";
import { compileRedaction, USUAL_REDACTION } from "../../../core/redaction/rules.ts";
import { createSqliteStore } from "../../../core/traffic/store/sqlite-store.ts";
import { makeFolder } from "../../config/folder.ts";
import { createArrayStore } from "../../support/array-store.ts";
import { batchOf, closeJson, jsonBody } from "../../support/traffic-batch.ts";
import { ask, startConsole } from "../console.ts";

test("traffic is found by filters and read page by page, back and forth", async (t) => {
  const traffic = createArrayStore();
  for (let i = 0; i < 25; i++) traffic.add({ origin: i % 5 === 0 ? "server" : "client", opcode: 1 });
  const { port } = await startConsole(t, traffic);
  const page = async (query: string) => {
    const { json } = await ask(port, `/api/v1/traffic?${query}`);
    const { records, hasMore } = trafficPageSchema.parse(json);
    return { seqs: records.map(({ seq }) => seq), hasMore };
  };
  t.deepEqual(await page("limit=2"), { seqs: [25, 24], hasMore: true });
  t.deepEqual(await page("limit=2&before=3"), { seqs: [2, 1], hasMore: false });
  t.deepEqual(await page("limit=2&after=3"), { seqs: [4, 5], hasMore: true });
  t.deepEqual(await page("origin=server&opcode=1"), { seqs: [21, 16, 11, 6, 1], hasMore: false });
  t.deepEqual(await page("opcode=2"), { seqs: [], hasMore: false });
  t.deepEqual(await page(`filter=${encodeURIComponent("!origin:client size<1KiB")}&limit=2`), {
    seqs: [21, 16],
    hasMore: true,
  });
  t.deepEqual(await page("filter=origin:server&origin=client"), { seqs: [], hasMore: false });
  t.is((await ask(port, "/api/v1/traffic?opcode=x")).status, 400);
  const refused = await ask(port, "/api/v1/traffic?filter=size>big");
  t.is(refused.status, 400);
  t.is(
    refused.json.error.message,
    'query: filter: at character 6: expected a size such as 512, 1KiB or 2MiB for size, got "big"',
  );
  t.is((await ask(port, "/api/v1/traffic?origin=nobody")).status, 400);

  t.is((await ask(port, "/api/v1/traffic/7")).json.seq, 7);
  t.is(trafficStatsSchema.parse((await ask(port, "/api/v1/traffic/stats")).json).records, 25);
  t.is((await ask(port, "/api/v1/traffic", { method: "DELETE" })).status, 200);
  t.deepEqual(await page(""), { seqs: [], hasMore: false });
});

test("a HAR file has the sessions whole of which a record fits", async (t) => {
  const traffic = createArrayStore();
  traffic.add(
    { session: "a-1", route: "/a" },
    { session: "a-1", route: "/a", origin: "server" },
    { session: "b-1" },
  );
  const { port } = await startConsole(t, traffic);
  const { status, headers, json } = await ask(port, "/api/v1/traffic.har?route=/a&origin=server");
  t.is(status, 200);
  t.regex(String(headers["content-disposition"]), /^attachment; filename="framegate-[\d-]+T[\d-]+\.har"$/);
  t.is(headers["cache-control"], "no-store");
  t.is(json.log.version, "1.2");
  t.is(json.log.creator.version, "1.2.3");
  t.is(json.log.entries.length, 1);
  t.is(json.log.entries[0]._webSocketMessages.length, 2);
  t.is((await ask(port, "/api/v1/traffic.har?filter=session:b-*")).json.log.entries.length, 1);
  t.is((await ask(port, "/api/v1/traffic.har?session=b-1")).json.log.entries.length, 1);
  t.deepEqual((await ask(port, "/api/v1/traffic.har?session=none")).json.log.entries, []);
});

test("in place of pages the first are given by size, and help with a filter says what may stand where", async (t) => {
  const traffic = createArrayStore();
  for (let i = 0; i < 5; i++) traffic.add({ length: i * 10 });
  const { port } = await startConsole(t, traffic);
  const { json } = await ask(port, "/api/v1/traffic?sort=size&limit=2&filter=size<40");
  const page = trafficPageSchema.parse(json);
  t.deepEqual(
    page.records.map(({ seq }) => seq),
    [4, 3],
  );
  t.deepEqual([page.hasMore, page.sorted], [true, { compared: 4, isWhole: true }]);
  t.is((await ask(port, "/api/v1/traffic?sort=size&before=2")).status, 400);
  t.is((await ask(port, "/api/v1/traffic?sort=payload")).status, 400);

  const help = async (filter: string, at = "") =>
    filterHelpSchema.parse(
      (await ask(port, `/api/v1/traffic/filter?filter=${encodeURIComponent(filter)}${at}`)).json,
    );
  t.like(await help("hello kind:fr"), {
    problem: { at: 11, end: 13 },
    marks: [],
    ...{ from: 11, to: 13, suggestions: [{ text: "frame", says: "" }] },
  });
  t.like(await help("hello kind:frame", "&at=0"), { problem: null, marks: [{ text: "hello" }], from: 0 });
});

test("a mark that the file does not take is refused with the reason", async (t) => {
  const file = join(await makeFolder(t, {}), "traffic.db");
  const bounds = { maxBytes: 1024 * 1024, maxRecords: 10, maxAgeMs: 0, subjects: [] };
  const traffic = createSqliteStore({ file, bounds, rules: compileRedaction(USUAL_REDACTION) });
  t.teardown(() => traffic.close());
  traffic.append(batchOf([{ type: "json", body: jsonBody({ ...closeJson }) }]));
  const { port } = await startConsole(t, traffic);
  const other = new DatabaseSync(file);
  t.teardown(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const body = { marked: true, note: "" };
  const { status, json } = await ask(port, "/api/v1/traffic/1/note", { method: "PUT", body });
  t.is(status, 503);
  t.like(json.error, { code: "ERR_UNAVAILABLE" });
  t.regex(json.error.message, /another process has locked the file: end it/);
  t.false("marked" in (await ask(port, "/api/v1/traffic/1")).json);
});
