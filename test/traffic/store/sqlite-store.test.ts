import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test, { type ExecutionContext } from "ava";
import { compileRedaction } from "../../../core/redaction/rules.ts";
import { createSqliteStore, type SqliteStoreOptions } from "../../../core/traffic/store/sqlite-store.ts";
import {
  batchOf,
  closeJson,
  frameJson,
  jsonBody,
  type RecordSpec,
  upgradeJson,
} from "../../support/traffic-batch.ts";

const rules = compileRedaction({ defaults: true, headers: [], query: [], json: [], patterns: [] });
const bounds = { maxBytes: 1024 * 1024, maxRecords: 10_000, maxAgeMs: 0, subjects: ["user"] };

function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), "framegate-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function open(t: ExecutionContext, file: string, rest: Partial<SqliteStoreOptions> = {}) {
  const store = createSqliteStore({ file, bounds, rules, ...rest });
  t.teardown(() => store.close());
  return store;
}

function closes(count: number, reason = "bye"): RecordSpec[] {
  return Array.from({ length: count }, () => ({
    type: "json",
    body: jsonBody({ ...closeJson, reason }),
  }));
}

test("what was recorded is there after a restart, and numbers go on", async (t) => {
  const file = join(folder(t), "traffic.db");
  const first = open(t, file);
  first.append(batchOf(closes(3)));
  first.close();
  const second = open(t, file);
  t.like(second.stats(), { records: 3, newestSeq: 3, problem: "" });
  second.append(batchOf(closes(1, "later")));
  t.like(await second.get(4), { seq: 4, reason: "later" });
  second.clear();
  second.close();
  const third = open(t, file);
  third.append(batchOf(closes(1)));
  t.is(third.stats().newestSeq, 5);
});

test("records of an earlier version are read: what it did not say is not known", async (t) => {
  const file = join(folder(t), "traffic.db");
  const { kind: _, ...frame } = frameJson;
  const specs = [jsonBody({ ...upgradeJson, phases: [] }), jsonBody({ kind: "frame", ...frame, writeMs: 1 })];
  const first = open(t, file);
  first.append(batchOf(specs.map((body) => ({ type: "json", body }))));
  first.close();
  const db = new DatabaseSync(file);
  db.exec("UPDATE records SET record = json_remove(record, '$.phases', '$.writeMs', '$.unsentBytes')");
  db.close();
  const second = open(t, file);
  t.like(await second.get(1), { kind: "upgrade", phases: [] });
  t.like(await second.get(2), { kind: "frame", writeMs: null, unsentBytes: 0 });
});

test("a gateway that is killed loses nothing that was committed", async (t) => {
  const dir = folder(t);
  const file = join(dir, "traffic.db");
  const store = open(t, file);
  store.append(batchOf(closes(3)));
  const copy = join(dir, "copy.db");
  for (const ending of ["", "-wal"])
    if (existsSync(file + ending)) writeFileSync(copy + ending, readFileSync(file + ending));
  t.is((await open(t, copy).query({ limit: 10 })).records.length, 3);
});

test("nothing that is not redacted is on the disk", (t) => {
  const dir = folder(t);
  const store = open(t, join(dir, "traffic.db"));
  store.append(batchOf(closes(1, "token=hunter2 stays=here")));
  const bytes = ["traffic.db", "traffic.db-wal"]
    .map((name) => readFileSync(join(dir, name), "latin1"))
    .join("");
  t.regex(bytes, /stays=here/);
  t.notRegex(bytes, /hunter2/);
});

test("the file is for the gateway's own user only", (t) => {
  const file = join(folder(t), "traffic.db");
  open(t, file).append(batchOf(closes(1)));
  for (const ending of ["", "-wal"]) t.is(statSync(file + ending).mode & 0o077, 0);
});

test("tighter bounds hold at once, and the file shrinks", (t) => {
  const file = join(folder(t), "traffic.db");
  const wide = open(t, file);
  wide.append(batchOf(closes(1000, "x".repeat(500))));
  wide.close();
  const before = statSync(file).size;
  const tight = open(t, file, { bounds: { ...bounds, maxRecords: 10 } });
  t.like(tight.stats(), { records: 10, newestSeq: 1000 });
  tight.close();
  t.true(statSync(file).size < before / 4);
});

test("on a full disk records are dropped and counted, what is there can be read, and later it goes on", async (t) => {
  let time = 0;
  const store = open(t, join(folder(t), "traffic.db"), {
    bounds: { ...bounds, maxBytes: 256 * 1024 },
    steadyNow: () => time,
  });
  store.append(batchOf(closes(2)));
  // More at once than the file may ever have: for SQLite the disk is full.
  store.append(batchOf(closes(40, "x".repeat(300_000))));
  t.regex(store.stats().problem, /the disk is full/);
  t.is(store.stats().dropped, 40);
  store.append(batchOf(closes(1)));
  t.is(store.stats().dropped, 41, "left alone for a moment");
  t.is((await store.query({ limit: 10 })).records.length, 2);
  time += 1000;
  store.append(batchOf(closes(1)));
  t.like(store.stats(), { records: 3, newestSeq: 3, dropped: 41, problem: "" });
});

test("while another process has the file locked records are dropped; then it goes on", (t) => {
  let time = 0;
  const file = join(folder(t), "traffic.db");
  const store = open(t, file, { steadyNow: () => time });
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  store.append(batchOf(closes(2)));
  t.like(store.stats(), { dropped: 2, records: 0 });
  t.regex(store.stats().problem, /another process has locked the file/);
  other.exec("ROLLBACK");
  other.close();
  time += 1000;
  store.append(batchOf(closes(2)));
  t.like(store.stats(), { dropped: 2, records: 2, problem: "" });
});

test("a mark that cannot be written is refused with the reason, and is not there", async (t) => {
  let time = 0;
  const file = join(folder(t), "traffic.db");
  const store = open(t, file, { steadyNow: () => time });
  store.append(batchOf(closes(2)));
  await store.note(1, { marked: true, note: "first" });
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const refused = { code: "ERR_TRAFFIC_WRITE", message: /kept now: another process has locked the file/ };
  for (const seq of [1, 2]) await t.throwsAsync(store.note(seq, { marked: false, note: "x" }), refused);
  t.like(await store.get(1), { marked: true, note: "first" });
  t.false("note" in (await store.get(2))!);
  other.exec("ROLLBACK");
  other.close();
  time += 1000;
  t.is((await store.note(2, { marked: false, note: "x" }))?.note, "x");
  store.close();
  const again = open(t, file);
  t.like(await again.get(1), { marked: true, note: "first" });
  t.is((await again.get(2))?.note, "x");
});

test("a time of day that is set back does not keep it from trying again", (t) => {
  const clock = { now: 2_000_000, steadyNow: 500 };
  const file = join(folder(t), "traffic.db");
  const store = open(t, file, { now: () => clock.now, steadyNow: () => clock.steadyNow });
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  store.append(batchOf(closes(1)));
  other.exec("ROLLBACK");
  other.close();
  clock.now = 0;
  clock.steadyNow += 1000;
  store.append(batchOf(closes(1)));
  t.like(store.stats(), { dropped: 1, records: 1, problem: "" });
});

test("a file that is locked at the start is tried again", async (t) => {
  let time = 0;
  const file = join(folder(t), "traffic.db");
  const other = new DatabaseSync(file);
  other.exec("BEGIN EXCLUSIVE");
  const store = open(t, file, { steadyNow: () => time });
  t.regex(store.stats().problem, /another process has locked the file/);
  // Whether there is such a record is not known.
  await t.throwsAsync(store.note(1, { marked: true, note: "" }), { code: "ERR_TRAFFIC_WRITE" });
  other.exec("ROLLBACK");
  other.close();
  time += 1000;
  store.append(batchOf(closes(2)));
  t.like(store.stats(), { dropped: 0, records: 2, problem: "" });
});

test("a file that is damaged while the gateway runs stops nothing but the recording", async (t) => {
  let time = 0;
  const file = join(folder(t), "traffic.db");
  const first = open(t, file);
  first.append(batchOf(closes(500, "x".repeat(500))));
  first.close();
  const size = statSync(file).size;
  const store = open(t, file, { steadyNow: () => time });
  truncateSync(file, 4096 * 4);
  truncateSync(file, size);
  store.append(batchOf(closes(1)));
  await store.query({ limit: 1000 });
  t.regex(store.stats().problem, /the file is damaged: move it away/);
  time += 1000;
  store.append(batchOf(closes(1)));
  await store.query({ limit: 1000 });
  t.notThrows(() => store.clear());
});

const unusable: Readonly<Record<string, readonly [(file: string) => void, RegExp]>> = {
  "that is no database": [
    (file) => writeFileSync(file, "hello ".repeat(1000)),
    /damaged, or no SQLite database/,
  ],
  "of another program": [
    (file) => {
      const db = new DatabaseSync(file);
      db.exec("CREATE TABLE theirs (a)");
      db.close();
    },
    /another program/,
  ],
  "of another version of the gateway": [
    (file) => {
      createSqliteStore({ file, bounds, rules }).close();
      const db = new DatabaseSync(file);
      db.exec("PRAGMA user_version = 9");
      db.close();
    },
    /format 9/,
  ],
  "that is a folder": [(file) => mkdirSync(file), /no file/],
  "in a folder that is not there": [() => {}, /folder is not there/],
};

for (const [what, [prepare, message]] of Object.entries(unusable)) {
  test(`a file ${what} is refused at the start, and left as it is`, (t) => {
    const dir = folder(t);
    const file = what.includes("not there") ? join(dir, "none", "traffic.db") : join(dir, "traffic.db");
    prepare(file);
    const before = existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
    const error = t.throws(() => createSqliteStore({ file, bounds, rules }), { code: "ERR_TRAFFIC_FILE" });
    t.regex(error!.message, message);
    t.regex(error!.message, /traffic\.file/);
    t.true(error!.message.includes(file));
    if (before !== undefined) t.deepEqual(readFileSync(file), before);
  });
}
