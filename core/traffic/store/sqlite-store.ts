import type { RedactionRules } from "../../redaction/rules.ts";
import type { Batch } from "../batch/batch.ts";
import { readRecords } from "../batch/reader.ts";
import { TrafficError } from "../errors.ts";
import { factsOf as factsOfUpgrade } from "../filter/session-facts.ts";
import { redactRecord } from "../record-redaction.ts";
import type { SessionFacts, TrafficPage, TrafficQuery, TrafficRecord } from "../records.ts";
import { createKeptFacts, rememberFacts, takeFacts } from "./kept-facts.ts";
import { compileFilter, fitsLater } from "./record-filter.ts";
import { createRecordNotes, isEmptyNote } from "./record-notes.ts";
import { openFileAccess } from "./sqlite-access.ts";
import { openTrafficFile, type RowQuery, type TrafficFile } from "./sqlite-file.ts";
import type { StoreBounds, TrafficStore } from "./store.ts";
import { createTimeSlices } from "./time-slice.ts";

export interface SqliteStoreOptions {
  /** Absolute path. */
  readonly file: string;
  readonly bounds: StoreBounds;
  readonly rules: RedactionRules;
  /** Milliseconds since 1970: how old records are. */
  readonly now?: () => number;
  /** Milliseconds of a clock that cannot be set: how long the file is left alone. */
  readonly steadyNow?: () => number;
}

/** Rows that are read at once, and numbers that are looked through at once: between them the event loop has its turn. */
const CHUNK_ROWS = 200;
const WINDOW_ROWS = 5_000;
/** What is kept of sessions, beside the file. */
const MOST_FACTS_BYTES = 16 * 1024 * 1024;
/** What a batch may take before the oldest records have made room for it. */
const SLACK_BYTES = 8 * 1024 * 1024;

/**
 * Keeps records in a file, redacted, across restarts. No trouble with the disk gets out of it: it is told in `stats`,
 * what cannot be kept is counted, and after a while it is tried again.
 *
 * @throws TrafficError `ERR_TRAFFIC_FILE` for a file that can never be used
 */
export function createSqliteStore(options: SqliteStoreOptions): TrafficStore {
  const { file: path, rules, now = Date.now, steadyNow = () => performance.now() } = options;
  let { bounds } = options;
  let newestSeq = 0;
  let dropped = 0;
  let notes = createRecordNotes();
  const beginSlice = createTimeSlices();
  const facts = createKeptFacts({ subjects: () => bounds.subjects, maxBytes: () => MOST_FACTS_BYTES });
  const access = openFileAccess({
    path,
    steadyNow,
    open: () => openTrafficFile(path, 2 * bounds.maxBytes + SLACK_BYTES),
    onOpen,
  });
  const { read, write } = access;

  return {
    redactsLate: false,
    append(batch) {
      dropped += batch.dropped;
      let kept = 0;
      write((opened) => {
        let count = 0;
        opened.insert(redacted(batch, () => count++));
        access.settle();
        kept = count;
        newestSeq += count;
        trim(opened);
      });
      dropped += Math.max(0, Math.max(1, batch.records) - kept);
    },
    query,
    get,
    async note(seq, note) {
      if ((await get(seq)) === undefined && !access.isAway()) return undefined;
      notes.check(seq, note);
      if (!write((opened) => opened.setNote(seq, isEmptyNote(note) ? undefined : note)))
        throw new TrafficError("ERR_TRAFFIC_WRITE", `no mark or note can be kept now: ${access.problem()}`);
      notes.set(seq, note);
      return get(seq);
    },
    async facts(sessions) {
      return takeFacts(sessions, factsOf);
    },
    stats() {
      expire();
      const counts = read((opened) => {
        const oldest = opened.oldest();
        return {
          records: oldest === undefined ? 0 : newestSeq - oldest.seq + 1,
          bytes: opened.bytes(),
          oldestTime: oldest?.time ?? 0,
        };
      });
      const problem = access.problem();
      return { records: 0, bytes: 0, oldestTime: 0, ...counts, newestSeq, dropped, problem };
    },
    clear() {
      facts.clear();
      write((opened) => {
        deleteBefore(opened, newestSeq + 1);
        opened.shrink();
      });
    },
    change(newest) {
      const isOfOtherSize = newest.maxBytes !== bounds.maxBytes;
      bounds = newest;
      // What the file may grow to is set as it is opened.
      if (isOfOtherSize) access.release();
      write(trim);
    },
    close: access.close,
  };

  async function get(seq: number): Promise<TrafficRecord | undefined> {
    expire();
    const [record] = read((opened) => opened.select(everything(seq, seq + 1))) ?? [];
    return record && notes.onto(record);
  }

  function onOpen(opened: TrafficFile): void {
    newestSeq = Math.max(newestSeq, opened.newestSeq());
    notes = createRecordNotes(opened.notes());
    trim(opened);
    opened.shrink();
  }

  /** A batch that is broken ends where it is. */
  function* redacted(batch: Batch, count: () => void): Generator<TrafficRecord, void> {
    const records = readRecords(batch, newestSeq + 1);
    while (true) {
      let record: TrafficRecord;
      try {
        const next = records.next();
        if (next.done === true) return;
        record = redactRecord(next.value, rules);
      } catch {
        return;
      }
      count();
      note(record);
      yield record;
    }
  }

  function note(record: TrafficRecord): void {
    if (record.kind === "upgrade" && record.status === 101) facts.begin(record);
    if (record.kind === "hook" && record.hook === "renew") facts.change(record);
    if (record.kind === "close") facts.end(record.session);
  }

  /** Of sessions of a gateway that ran before this one the file knows more. */
  function factsOf(session: string): SessionFacts | undefined {
    const known = facts.of(session);
    if (known !== undefined) return known;
    const asked = {
      ...everything(0, newestSeq + 1),
      limit: 1,
      filter: { session, kind: "upgrade" as const },
    };
    const [record] = read((opened) => opened.select(asked)) ?? [];
    return record?.kind === "upgrade" ? factsOfUpgrade(record, bounds.subjects) : undefined;
  }

  /** Old records go without new ones coming, too. */
  function expire(): void {
    const oldest = read((opened) => opened.oldest());
    if (oldest !== undefined && hasExpired(oldest.time)) write(trim);
  }

  function hasExpired(time: number): boolean {
    return bounds.maxAgeMs > 0 && time < now() - bounds.maxAgeMs;
  }

  function trim(opened: TrafficFile): void {
    const oldest = opened.oldest();
    if (oldest === undefined) return;
    if (hasExpired(oldest.time))
      deleteBefore(opened, opened.firstSince(now() - bounds.maxAgeMs) ?? newestSeq + 1);
    if (newestSeq - oldest.seq >= bounds.maxRecords) deleteBefore(opened, newestSeq - bounds.maxRecords + 1);
    if (opened.bytes() > bounds.maxBytes) makeRoom(opened);
  }

  /** Down to a little less than the bound, so that not each batch pays for it. */
  function makeRoom(opened: TrafficFile): void {
    const wanted = bounds.maxBytes * 0.95;
    for (let bytes = opened.bytes(); bytes > wanted; bytes = opened.bytes()) {
      const oldest = opened.oldest();
      if (oldest === undefined) break;
      const records = newestSeq - oldest.seq + 1;
      deleteBefore(opened, oldest.seq + Math.ceil((records * (bytes - wanted)) / bytes));
    }
  }

  function deleteBefore(opened: TrafficFile, seq: number): void {
    opened.deleteBefore(seq);
    notes.forgetBefore(seq);
  }

  async function query(wanted: TrafficQuery): Promise<TrafficPage> {
    const { before = Number.POSITIVE_INFINITY, after = 0, limit } = wanted;
    const isForward = wanted.after !== undefined;
    const { fits, asksForFacts, columns } = compileFilter(wanted);
    const remembered = rememberFacts(factsOf);
    const slice = beginSlice();
    const found: TrafficRecord[] = [];
    expire();
    let from = Math.max(after + 1, read((opened) => opened.oldest()?.seq) ?? newestSeq + 1);
    let below = Math.min(before, newestSeq + 1);
    while (from < below) {
      const [start, end] = isForward
        ? [from, Math.min(below, from + WINDOW_ROWS)]
        : [Math.max(from, below - WINDOW_ROWS), below];
      const wantedRows = { ...everything(start, end), isForward, filter: columns };
      const rows = read((opened) => opened.select(wantedRows)) ?? [];
      for (const record of rows.map(notes.onto)) {
        const pause = slice.pause();
        if (pause !== undefined) await pause;
        const known = asksForFacts ? remembered(record.session) : undefined;
        if (!(fits(record, known) ?? (await fitsLater({ fits }, slice, record, known)))) continue;
        if (found.length === limit) return { records: found, hasMore: true };
        found.push(record);
      }
      const last = rows.length === CHUNK_ROWS ? rows.at(-1) : undefined;
      if (isForward) from = last === undefined ? end : last.seq + 1;
      else below = last?.seq ?? start;
      const pause = slice.pause();
      if (pause !== undefined) await pause;
    }
    return { records: found, hasMore: false };
  }
}

function everything(from: number, below: number): RowQuery {
  return { from, below, isForward: true, limit: CHUNK_ROWS, filter: {} };
}
