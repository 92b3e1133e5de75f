import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { compileRedaction } from "../../../core/redaction/rules.ts";
import type { TrafficQuery } from "../../../core/traffic/records.ts";
import { createMemoryStore } from "../../../core/traffic/store/memory-store.ts";
import { createSqliteStore } from "../../../core/traffic/store/sqlite-store.ts";
import type { StoreBounds, TrafficStore } from "../../../core/traffic/store/store.ts";
import {
  batchOf,
  closeJson,
  frameJson,
  hookJson,
  jsonBody,
  type RecordSpec,
  upgradeJson,
} from "../../support/traffic-batch.ts";
import { frame } from "../../wire/frames.ts";

// One contract: what holds for one store holds for the other.

const rules = compileRedaction({ defaults: true, headers: [], query: [], json: [], patterns: [] });
const unbounded: StoreBounds = {
  maxBytes: 64 * 1024 * 1024,
  maxRecords: 1_000_000,
  maxAgeMs: 0,
  subjects: ["user"],
};

interface Setting {
  readonly bounds?: Partial<StoreBounds>;
  readonly now?: () => number;
}
type OpenStore = (t: ExecutionContext, setting?: Setting) => TrafficStore;

const stores: Readonly<Record<string, OpenStore>> = {
  memory: (_t, { bounds, now } = {}) =>
    createMemoryStore({ bounds: { ...unbounded, ...bounds }, rules, ...(now && { now }) }),
  sqlite(t, { bounds, now } = {}) {
    const dir = mkdtempSync(join(tmpdir(), "framegate-"));
    const store = createSqliteStore({
      file: join(dir, "traffic.db"),
      bounds: { ...unbounded, ...bounds },
      rules,
      ...(now && { now }),
    });
    t.teardown(() => {
      store.close();
      rmSync(dir, { recursive: true });
    });
    return store;
  },
};

/** Text messages, one after the other, a millisecond apart. */
function messages(count: number, first = 0, text = (index: number) => `message ${index}`): RecordSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "frames",
    time: 1000 + first + index,
    sequence: first + index + 1,
    body: frame({ opcode: 1, payload: text(first + index), key: 0x11223344 }),
  }));
}

async function seqsOf(store: TrafficStore, query: Partial<TrafficQuery> = {}): Promise<number[]> {
  return (await store.query({ limit: 100, ...query })).records.map(({ seq }) => seq);
}

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: marks and notes are found, shown and gone with their records`, async (t) => {
    const store = open(t, { bounds: { maxRecords: 20 } });
    store.append(batchOf(messages(10)));
    t.is((await store.note(3, { marked: true, note: "ask Ada" }))?.note, "ask Ada");
    await store.note(5, { marked: true, note: "" });
    t.is(await store.note(99, { marked: true, note: "" }), undefined);
    t.deepEqual(await seqsOf(store, { filter: "marked", limit: 10 }), [5, 3]);
    t.deepEqual(await seqsOf(store, { filter: "note:/^ask/ marked:yes", limit: 10 }), [3]);
    t.deepEqual(await seqsOf(store, { filter: '"marked"', limit: 10 }), []);
    t.deepEqual(await seqsOf(store, { filter: "!marked", limit: 2 }), [10, 9]);
    t.like(await store.get(5), { seq: 5, marked: true });
    t.false("note" in ((await store.get(5)) ?? {}));
    await store.note(5, { marked: false, note: "" });
    t.false("marked" in ((await store.get(5)) ?? {}));
    for (const first of [10, 20]) store.append(batchOf(messages(10, first)));
    t.deepEqual(await seqsOf(store, { filter: "marked | note:*", limit: 10 }), []);
    store.clear();
    store.append(batchOf(messages(10, 30)));
    t.deepEqual(await seqsOf(store, { filter: "marked", limit: 10 }), []);
  });

  test(`${name}: an empty store`, async (t) => {
    const store = open(t);
    t.deepEqual(await store.query({ limit: 10 }), { records: [], hasMore: false });
    t.is(await store.get(1), undefined);
    const { bytes, ...stats } = store.stats();
    t.deepEqual(stats, { records: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" });
    t.true(bytes < 100_000);
  });

  test(`${name}: records come newest first, page by page`, async (t) => {
    const store = open(t);
    for (let first = 0; first < 1000; first += 100) store.append(batchOf(messages(100, first)));
    const first = await store.query({ limit: 30 });
    t.deepEqual(
      first.records.map(({ seq }) => seq),
      Array.from({ length: 30 }, (_, index) => 1000 - index),
    );
    t.true(first.hasMore);
    t.deepEqual(await seqsOf(store, { before: 971, limit: 2 }), [970, 969]);
    const last = await store.query({ before: 3, limit: 2 });
    t.deepEqual([last.records.map(({ seq }) => seq), last.hasMore], [[2, 1], false]);
    t.deepEqual(await seqsOf(store, { before: 1 }), []);
    t.like(store.stats(), { records: 1000, newestSeq: 1000, oldestTime: 1000, dropped: 0 });
  });

  test(`${name}: behind a record they come oldest first`, async (t) => {
    const store = open(t);
    for (let first = 0; first < 1000; first += 100) store.append(batchOf(messages(100, first)));
    const page = await store.query({ after: 598, limit: 3 });
    t.deepEqual([page.records.map(({ seq }) => seq), page.hasMore], [[599, 600, 601], true]);
    t.deepEqual(await seqsOf(store, { after: 998 }), [999, 1000]);
    t.deepEqual(
      await seqsOf(store, { after: 100, limit: 500 }),
      Array.from({ length: 500 }, (_, index) => 101 + index),
    );
    t.deepEqual(await seqsOf(store, { after: 10, before: 13 }), [11, 12]);
    t.deepEqual(await seqsOf(store, { after: 1000 }), []);
  });

  test(`${name}: one record by its number`, async (t) => {
    const store = open(t);
    store.append(batchOf(messages(3)));
    store.append(batchOf(messages(3, 3)));
    const record = await store.get(5);
    t.like(record, { kind: "frame", seq: 5, sequence: 5, time: 1004, session: "w1-1", route: "/chat" });
    t.like(record, { payload: { data: "message 4" } });
    t.is(await store.get(7), undefined);
  });

  test(`${name}: records have what the upgrade said of their session, also when that is not kept any more`, async (t) => {
    const store = open(t, { bounds: { maxRecords: 30 } });
    const json = (value: object, session: number, time = 1): RecordSpec => ({
      ...{ type: "json", body: jsonBody(value), session, time },
    });
    const attributes = { user: "anna", token: "secret", plan: { name: "pro" } };
    store.append(
      batchOf([json({ ...upgradeJson, attributes }, 1), json({ ...upgradeJson, status: 403 }, 3)]),
    );
    store.append(batchOf([json({ ...upgradeJson, attributes: { user: "bob" } }, 2)]));
    store.append(batchOf(messages(20)));
    store.append(batchOf(messages(20, 20)));
    const found = async (filter: string) => (await store.query({ filter, limit: 100 })).records.length;
    t.true((await found("subject:anna")) >= 20);
    t.is(await found("subject:anna kind:frame"), await found("attribute.plan.name:pro"));
    t.is(await found("!subject:anna"), 0);
    t.is(await found("attribute.token:secret"), 0, "what is redacted is found by nobody");
    t.is(await found("host:GATEWAY client:127.0.0.0/8"), await found("attribute.user:*"));
    const facts = await store.facts(new Set(["w1-1", "w1-2", "w1-3", "none"]));
    t.deepEqual([...facts.keys()].sort(), ["w1-1", "w1-2"]);
    t.like(facts.get("w1-1"), { subject: "anna", path: "/chat?room=1", host: "gateway.example" });
    t.not(facts.get("w1-1")?.attributes.token, "secret");

    const renewed = {
      ...hookJson,
      hook: "renew",
      by: "time",
      outcome: "renewed",
      attributes: { user: "eve" },
    };
    store.append(batchOf([json(renewed, 1, 2000), json(closeJson, 2, 2000)]));
    t.is((await store.facts(new Set(["w1-1"]))).get("w1-1")?.subject, "eve");
    store.clear();
    const known = await store.facts(new Set(["w1-1", "w1-2"]));
    t.deepEqual([...known.keys()], ["w1-1"], "of one that is open its next records have it");
  });

  test(`${name}: filters`, async (t) => {
    const store = open(t);
    const step = { policy: "auth", version: "1", action: "passed", afterMs: 0.02, durationMs: 1, detail: "" };
    const json = (value: object, rest: Partial<RecordSpec> = {}): RecordSpec => ({
      type: "json",
      body: jsonBody(value),
      ...rest,
    });
    store.append(
      batchOf([
        json({ ...upgradeJson, steps: [step] }, { time: 10 }),
        ...messages(1, 0, () => "Hello Wörld"),
        {
          type: "frames",
          origin: "server",
          session: 2,
          route: 1,
          body: frame({ opcode: 2, payload: "hell" }),
        },
        json({ ...frameJson, outcome: "dropped", steps: [step] }, { time: 3000 }),
        json(closeJson, { time: 4000, session: 2 }),
        json({ ...upgradeJson, status: 403, path: "/x?token=hello" }, { time: 5000 }),
      ]),
    );
    const cases: readonly (readonly [TrafficQuery | Partial<TrafficQuery>, readonly number[]])[] = [
      [{ kind: "upgrade" }, [6, 1]],
      [{ session: "w1-2" }, [5, 3]],
      [{ session: "w2-2" }, []],
      [{ route: "/feed" }, [3]],
      [{ route: "/none" }, []],
      [{ origin: "server" }, [3]],
      [{ opcode: 1 }, [4, 2]],
      [{ status: 403 }, [6]],
      [{ policy: "auth" }, [4, 1]],
      [{ outcome: "dropped" }, [4]],
      [{ text: "HELL" }, [3, 2]],
      [{ text: "wörld" }, [2]],
      [{ text: "gateway.example" }, [6, 1]],
      [{ text: "BYE" }, [5]],
      [{ from: 3000 }, [6, 5, 4]],
      [{ to: 1000 }, [3, 2, 1]],
      [{ from: 3000, to: 4000, kind: "close" }, [5]],
      [{ kind: "frame", after: 2 }, [3, 4]],
    ];
    for (const [query, seqs] of cases) t.deepEqual(await seqsOf(store, query), seqs, JSON.stringify(query));
  });

  test(`${name}: nothing comes out that is not redacted, and nothing is found by it`, async (t) => {
    const store = open(t);
    store.append(
      batchOf([
        ...messages(1, 0, () => '{"password":"hunter2"}'),
        { type: "json", body: jsonBody({ ...upgradeJson, request: [["Cookie", "hunter2"]] }) },
      ]),
    );
    const page = await store.query({ limit: 10 });
    t.is(page.records.length, 2);
    t.notRegex(JSON.stringify([page, await store.get(1), await store.get(2)]), /hunter2/);
    t.like(await store.get(1), { payload: { data: '{"password":"[redacted]"}', redactions: 1 } });
    t.deepEqual(await seqsOf(store, { text: "hunter2" }), []);
  });

  test(`${name}: the oldest go when there are too many`, async (t) => {
    const store = open(t, { bounds: { maxRecords: 250 } });
    for (let first = 0; first < 1000; first += 100) store.append(batchOf(messages(100, first)));
    const { records, newestSeq, dropped } = store.stats();
    t.true(records <= 250 && records >= 150, `${records}`);
    t.is(newestSeq, 1000);
    t.is(dropped, 0);
    t.deepEqual((await seqsOf(store, { limit: 1000 })).at(-1), 1001 - records);
    t.is(await store.get(1), undefined);
  });

  test(`${name}: the oldest go when they take too much`, async (t) => {
    const maxBytes = 512 * 1024;
    const store = open(t, { bounds: { maxBytes } });
    for (let first = 0; first < 2000; first += 20)
      store.append(batchOf(messages(20, first, () => "x".repeat(1000))));
    const { records, bytes, newestSeq } = store.stats();
    t.true(bytes <= maxBytes, `${bytes}`);
    t.true(records > 100 && records < 1000, `${records}`);
    t.is(newestSeq, 2000);
    t.deepEqual(await seqsOf(store, { limit: 2 }), [2000, 1999]);
  });

  test(`${name}: the old go, also when no new ones come`, async (t) => {
    let time = 1000;
    const store = open(t, { bounds: { maxAgeMs: 500 }, now: () => time });
    store.append(batchOf(messages(10)));
    store.append(batchOf(messages(10, 1000)));
    time = 1600;
    t.deepEqual(await seqsOf(store, { limit: 1000 }), [20, 19, 18, 17, 16, 15, 14, 13, 12, 11]);
    t.is(store.stats().records, 10);
    time = 10_000;
    t.is(store.stats().records, 0);
    t.is(await store.get(20), undefined);
    t.like(store.stats(), { newestSeq: 20, oldestTime: 0 });
  });

  test(`${name}: what is kept follows new bounds`, async (t) => {
    const store = open(t, { now: () => 5_000 });
    for (let first = 0; first < 100; first += 20) store.append(batchOf(messages(20, first)));
    store.change({ ...unbounded, maxRecords: 40 });
    t.deepEqual(
      await seqsOf(store),
      Array.from({ length: 40 }, (_, index) => 100 - index),
    );
    store.append(batchOf(messages(20, 100)));
    t.is(store.stats().records, 40);
    store.change({ ...unbounded, maxBytes: 1024 * 1024 });
    store.append(batchOf(messages(20, 120)));
    t.is(store.stats().records, 60);
    store.change({ ...unbounded, maxAgeMs: 1 });
    t.deepEqual(await seqsOf(store), []);
  });

  test(`${name}: a broken batch is counted, and what it had before that is kept or not`, async (t) => {
    const store = open(t);
    const broken: RecordSpec = { type: "json", body: Buffer.from("no") };
    store.append(batchOf([...messages(2), broken, ...messages(1)], { dropped: 5 }));
    store.append(batchOf([{ ...broken, type: "frames", body: Buffer.of(1) }]));
    store.append(batchOf(messages(1, 7)));
    const { records } = await store.query({ limit: 10 });
    t.like(records[0], { sequence: 8, payload: { data: "message 7" } });
    t.deepEqual([records.length, store.stats().dropped], [3, 5 + 2 + 1]);
  });

  test(`${name}: cleared it is empty, and numbers go on`, async (t) => {
    const store = open(t);
    store.append(batchOf(messages(3)));
    store.clear();
    t.deepEqual(await seqsOf(store), []);
    t.like(store.stats(), { records: 0, oldestTime: 0, newestSeq: 3 });
    store.append(batchOf(messages(1)));
    t.deepEqual(await seqsOf(store), [4]);
  });

  test(`${name}: closed it takes nothing and gives nothing`, async (t) => {
    const store = open(t);
    store.append(batchOf(messages(3)));
    store.close();
    store.append(batchOf(messages(3)));
    t.deepEqual(await seqsOf(store), []);
    store.close();
  });

  test(`${name}: a long search lets the event loop go on`, async (t) => {
    const store = open(t);
    for (let first = 0; first < 20_000; first += 500)
      store.append(
        batchOf(messages(500, first, (index) => `{"id":${index},"text":"some words to look at"}`)),
      );
    let turns = 0;
    const count = () => {
      turns++;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    t.deepEqual(await seqsOf(store, { text: "nowhere" }), []);
    clearImmediate(immediate);
    t.true(turns > 3, `${turns}`);
  });
}
