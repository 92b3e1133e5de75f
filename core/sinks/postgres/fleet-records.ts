import type { PostgresTarget } from "../../config/index.ts";
import { completeRecord } from "../../traffic/earlier-records.ts";
import { TrafficError } from "../../traffic/errors.ts";
import { factsOf } from "../../traffic/filter/session-facts.ts";
import type {
  SessionFacts,
  TrafficPage,
  TrafficQuery,
  TrafficRecord,
  TrafficStats,
  UpgradeRecord,
} from "../../traffic/records.ts";
import { compileFilter, fitsLater } from "../../traffic/store/record-filter.ts";
import { createRecordNotes } from "../../traffic/store/record-notes.ts";
import type { StoreBounds, TrafficStore } from "../../traffic/store/store.ts";
import { createTimeSlices } from "../../traffic/store/time-slice.ts";
import type { ConnectionPatience } from "./connection.ts";
import { type SqlQuery, selectRecords, selectUpgrades } from "./record-query.ts";
import { createSearchPlaces } from "./search-places.ts";
import { createSharedConnection, type SharedConnection } from "./shared-connection.ts";

interface Row {
  readonly id: string;
  readonly record: TrafficRecord & { readonly run?: string };
}

/** Rows that are read at once, where not all of them may be what is looked for. */
const CHUNK_ROWS = 500;
/** A search through texts, which no index has, ends after so long. */
const SEARCH_MS = 20_000;
/** Searches that go on at once, and that wait for one of them to end. */
const MOST_SEARCHING = 2;
const MOST_WAITING = 20;
/** Of who waits for a page, and shares the connection with others. */
const PATIENCE: ConnectionPatience = { statementMs: 30_000, lockMs: 5_000 };

const NO_STATS: TrafficStats = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };

/**
 * What all gateways have written into the table of a sink, to be read: the sink writes, and this one keeps nothing. `seq` of
 * a record is its `id` in the table.
 */
export function createFleetRecords(
  target: PostgresTarget,
  who: Pick<StoreBounds, "subjects">,
  patience = PATIENCE,
): TrafficStore {
  const { table } = target;
  let { subjects } = who;
  const pages = createSharedConnection(target, patience);
  /** Of their own: no page waits for a search. */
  const searches = createSharedConnection(target, patience);
  const places = createSearchPlaces(MOST_SEARCHING, MOST_WAITING);
  /** This gateway's: others do not see them. */
  const notes = createRecordNotes();
  const beginSlice = createTimeSlices();
  let isAsking = false;
  let stats = NO_STATS;
  let dropped = 0;

  // Whoever looks first is to know what there is.
  void readStats();

  return {
    redactsLate: false,
    append(batch) {
      dropped += batch.dropped;
    },
    query,
    get,
    async note(seq, note) {
      if ((await get(seq)) === undefined) return undefined;
      notes.set(seq, note);
      return get(seq);
    },
    facts: (sessions) => findFacts([...sessions], pages),
    stats() {
      // For the next to ask, as it takes a while.
      if (!isAsking) void readStats();
      return { ...stats, dropped };
    },
    clear() {
      throw new TrafficError(
        "ERR_TRAFFIC_SHARED",
        `the records are in Postgres, for all gateways that write there: they go by the sink's \`keep\`, or with DELETE FROM ${table}`,
      );
    },
    change(newest) {
      ({ subjects } = newest);
    },
    close() {
      pages.close();
      searches.close();
    },
  };

  async function get(seq: number): Promise<TrafficRecord | undefined> {
    const [record] = await select({ after: seq - 1, before: seq + 1, limit: 1 });
    return record;
  }

  async function query(wanted: TrafficQuery): Promise<TrafficPage> {
    const { text = "", filter = "", limit } = wanted;
    if (text === "" && filter === "") {
      const found = await select({ ...wanted, limit: limit + 1 });
      return { records: found.slice(0, limit), hasMore: found.length > limit };
    }
    const end = performance.now() + SEARCH_MS;
    const found = places.run(() => search(wanted, end));
    if (found === undefined)
      throw new TrafficError("ERR_TRAFFIC_READ", "too much is looked for at once: try again later");
    return found;
  }

  async function search(wanted: TrafficQuery, end: number): Promise<TrafficPage> {
    const { fits, asksForFacts, columns } = compileFilter(wanted);
    const slice = beginSlice();
    const found: TrafficRecord[] = [];
    let place = {};
    while (true) {
      const rows = await select({ ...wanted, ...columns, ...place, limit: CHUNK_ROWS }, searches);
      const facts = asksForFacts ? await findFacts(sessionsOf(rows), searches) : undefined;
      for (const record of rows) {
        const pause = slice.pause();
        if (pause !== undefined) await pause;
        const known = facts?.get(record.session);
        if (!(fits(record, known) ?? (await fitsLater({ fits }, slice, record, known)))) continue;
        if (found.length === wanted.limit) return { records: found, hasMore: true };
        found.push(record);
      }
      const last = rows.at(-1)?.seq;
      if (last === undefined || rows.length < CHUNK_ROWS) return { records: found, hasMore: false };
      if (performance.now() > end)
        throw new TrafficError(
          "ERR_TRAFFIC_READ",
          "it was not found in time: look for it in one session, on one route, or from one time to another",
        );
      place = wanted.after === undefined ? { before: last } : { after: last };
    }
  }

  async function findFacts(
    sessions: readonly string[],
    by: SharedConnection,
  ): Promise<ReadonlyMap<string, SessionFacts>> {
    if (sessions.length === 0) return new Map();
    const rows = await ask<Row>(selectUpgrades(table, sessions), by);
    return new Map(rows.map(({ record }) => [record.session, factsOf(record as UpgradeRecord, subjects)]));
  }

  async function select(wanted: TrafficQuery, by = pages): Promise<TrafficRecord[]> {
    const rows = await ask<Row>(selectRecords(table, wanted), by);
    return rows.map(({ id, record: { run: _, ...record } }) =>
      notes.onto(completeRecord({ ...record, seq: Number(id) } as TrafficRecord)),
    );
  }

  async function readStats(): Promise<void> {
    isAsking = true;
    try {
      const sql = `SELECT (SELECT max(id) - min(id) + 1 FROM ${table}) AS records, pg_total_relation_size(to_regclass($1)) AS bytes,
          (SELECT extract(epoch FROM min(time)) * 1000 FROM ${table}) AS oldest, (SELECT max(id) FROM ${table}) AS newest`;
      const [row] = await ask<Record<"records" | "bytes" | "oldest" | "newest", string | null>>(
        { sql, values: [table] },
        pages,
      );
      stats = {
        ...NO_STATS,
        records: Number(row?.records),
        bytes: Number(row?.bytes),
        oldestTime: Number(row?.oldest),
        newestSeq: Number(row?.newest),
      };
    } catch (error) {
      stats = { ...stats, problem: (error as Error).message };
    } finally {
      isAsking = false;
    }
  }

  /** @throws TrafficError `ERR_TRAFFIC_READ` */
  async function ask<Found extends object>(
    { sql, values }: SqlQuery,
    by: SharedConnection,
  ): Promise<readonly Found[]> {
    try {
      return await by.query<Found>(sql, values);
    } catch (cause) {
      const { message } = cause as Error;
      throw new TrafficError("ERR_TRAFFIC_READ", `recorded traffic cannot be read: ${message}`, { cause });
    }
  }
}

function sessionsOf(records: readonly TrafficRecord[]): readonly string[] {
  return [...new Set(records.map(({ session }) => session))];
}
