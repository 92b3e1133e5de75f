import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { completeRecord } from "../earlier-records.ts";
import { TrafficError } from "../errors.ts";
import type { RecordNote, TrafficFilter, TrafficRecord } from "../records.ts";

/** The file of the SQLite store: all SQL there is. Methods throw what SQLite throws. */
export interface TrafficFile {
  /** In one transaction. A source that throws ends the records, and what came before is kept. */
  insert(records: Iterable<TrafficRecord>): void;
  select(wanted: RowQuery): TrafficRecord[];
  oldest(): { readonly seq: number; readonly time: number } | undefined;
  /** The greatest number that was ever given; 0 for none. */
  newestSeq(): number;
  /** Of the first record that is not older; undefined for none. */
  firstSince(time: number): number | undefined;
  /** With their notes. */
  deleteBefore(seq: number): void;
  notes(): readonly (readonly [number, RecordNote])[];
  /** @param note undefined: none any more */
  setNote(seq: number, note: RecordNote | undefined): void;
  /** Pages in use. */
  bytes(): number;
  /** Gives free pages back to the file system. */
  shrink(): void;
  close(): void;
}

export interface RowQuery {
  /** Numbers from here on, and below there. */
  readonly from: number;
  readonly below: number;
  readonly isForward: boolean;
  readonly limit: number;
  /** As far as columns go; the rest is for the caller. */
  readonly filter: TrafficFilter;
}

/** "FrgT", so that no other file is taken for one of ours, nor ours for another. */
const APPLICATION_ID = 0x46726754;
const SCHEMA_VERSION = 2;
const PAGE_BYTES = 4096;

const SCHEMA = `
  CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    kind TEXT NOT NULL,
    session TEXT NOT NULL,
    route TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX records_by_session ON records (session, seq);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * @param maxBytes the file never grows beyond it, whatever happens: SQLite says that the disk is full
 * @throws TrafficError `ERR_TRAFFIC_FILE` for a file that is not ours, and what SQLite or the file system throws
 */
export function openTrafficFile(path: string, maxBytes: number): TrafficFile {
  // Traffic is for the gateway's own user; SQLite gives its other two files the mode of this one.
  closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path, { timeout: 50 });
  try {
    prepareFile(db, path, maxBytes);
    return createFile(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareFile(db: DatabaseSync, path: string, maxBytes: number): void {
  const id = readNumber(db, "PRAGMA application_id");
  const version = readNumber(db, "PRAGMA user_version");
  const isEmpty = readNumber(db, "SELECT count(*) FROM sqlite_schema") === 0;
  if (!isEmpty && id !== APPLICATION_ID) throw unusable(path, "it is the database of another program");
  if (!isEmpty && version !== SCHEMA_VERSION)
    throw unusable(path, `it is of format ${version}, and this version of the gateway has ${SCHEMA_VERSION}`);
  if (isEmpty) db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
  // With WAL a commit need not wait for the disk; a power cut may take the last of them, and nothing else.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304");
  db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
  if (isEmpty) inTransaction(db, () => db.exec(SCHEMA));
  db.exec("CREATE TABLE IF NOT EXISTS notes (seq INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT");
}

function createFile(db: DatabaseSync): TrafficFile {
  const insert = db.prepare(
    "INSERT INTO records (seq, time, kind, session, route, record) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const oldest = db.prepare("SELECT seq, time FROM records ORDER BY seq LIMIT 1");
  const firstSince = db.prepare("SELECT seq FROM records WHERE time >= ? ORDER BY seq LIMIT 1");
  const deleteBefore = db.prepare("DELETE FROM records WHERE seq < ?");
  const deleteNotesBefore = db.prepare("DELETE FROM notes WHERE seq < ?");
  const notes = db.prepare("SELECT seq, note FROM notes ORDER BY seq");
  const setNote = db.prepare("INSERT OR REPLACE INTO notes (seq, note) VALUES (?, ?)");
  const deleteNote = db.prepare("DELETE FROM notes WHERE seq = ?");
  return {
    insert: (records) =>
      inTransaction(db, () => {
        for (const record of records) {
          const { seq, time, kind, session, route } = record;
          insert.run(seq, time, kind, session, route, JSON.stringify(record));
        }
      }),
    select(wanted) {
      const { sql, values } = toSql(wanted);
      return db
        .prepare(sql)
        .all(...values)
        .map((row) => completeRecord(JSON.parse(String(row.record)) as TrafficRecord));
    },
    oldest: () => oldest.get() as { seq: number; time: number } | undefined,
    newestSeq: () => readNumber(db, "SELECT max(seq) FROM sqlite_sequence WHERE name = 'records'"),
    firstSince: (time) => (firstSince.get(time) as { seq: number } | undefined)?.seq,
    deleteBefore(seq) {
      deleteBefore.run(seq);
      deleteNotesBefore.run(seq);
    },
    notes: () => notes.all().map((row) => [Number(row.seq), JSON.parse(String(row.note)) as RecordNote]),
    setNote(seq, note) {
      if (note === undefined) deleteNote.run(seq);
      else setNote.run(seq, JSON.stringify(note));
    },
    bytes: () =>
      (readNumber(db, "PRAGMA page_count") - readNumber(db, "PRAGMA freelist_count")) *
      readNumber(db, "PRAGMA page_size"),
    shrink: () => db.exec("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)"),
    close: () => db.close(),
  };
}

function toSql({ from, below, isForward, limit, filter }: RowQuery) {
  const conditions = ["seq >= ?", "seq < ?"];
  const values: SQLInputValue[] = [from, below];
  const add = (condition: string, value: SQLInputValue | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add("kind = ?", filter.kind);
  add("session = ?", filter.session);
  add("route = ?", filter.route);
  add("time >= ?", filter.from);
  add("time <= ?", filter.to);
  const order = isForward ? "ASC" : "DESC";
  const sql = `SELECT record FROM records WHERE ${conditions.join(" AND ")} ORDER BY seq ${order} LIMIT ?`;
  return { sql, values: [...values, limit] };
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    // SQLite itself rolls back where it cannot go on, as on a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function readNumber(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
}

export function unusable(path: string, why: string, cause?: unknown): TrafficError {
  const advice = "Name another file in `traffic.file`, or move this one away: what it holds is not touched";
  return new TrafficError("ERR_TRAFFIC_FILE", `cannot record to ${path} (traffic.file): ${why}. ${advice}`, {
    cause,
  });
}
