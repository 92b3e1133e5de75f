import type { PostgresTarget } from "../../config/index.ts";
import { TrafficError } from "../../traffic/errors.ts";
import type { TrafficPage, TrafficQuery, TrafficRecord, TrafficStats } from "../../traffic/records.ts";
import { compileFilter } from "../../traffic/store/record-filter.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { connectPostgres, type PostgresConnection } from "./connection.ts";
import { selectRecords } from "./record-query.ts";

interface Row {
  readonly id: string;
  readonly record: TrafficRecord & { readonly run?: string };
}

/** Rows that are read at once, where not all of them may be what is looked for. */
const CHUNK_ROWS = 500;
/** A search through texts, which no index has, ends after so long. */
const SEARCH_MS = 20_000;

const NO_STATS: TrafficStats = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };

/**
 * What all gateways have written into the table of a sink, to be read: the sink writes, and this one keeps nothing. `seq` of
 * a record is its `id` in the table.
 */
export function createFleetRecords(
  target: PostgresTarget,
  steadyNow: () => number = () => performance.now(),
): TrafficStore {
  const { table } = target;
  let connecting: Promise<PostgresConnection> | undefined;
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
    async get(seq) {
      const [record] = await select({ after: seq - 1, before: seq + 1, limit: 1 });
      return record;
    },
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
    change() {},
    close() {
      const closing = connecting;
      connecting = undefined;
      closing?.then(
        (connection) => connection.close(),
        () => {},
      );
    },
  };

  async function query(wanted: TrafficQuery): Promise<TrafficPage> {
    const { text = "", limit } = wanted;
    if (text === "") {
      const found = await select({ ...wanted, limit: limit + 1 });
      return { records: found.slice(0, limit), hasMore: found.length > limit };
    }
    return search(wanted);
  }

  async function search(wanted: TrafficQuery): Promise<TrafficPage> {
    const fits = compileFilter(wanted);
    const end = steadyNow() + SEARCH_MS;
    const found: TrafficRecord[] = [];
    let place = {};
    while (true) {
      const rows = await select({ ...wanted, ...place, limit: CHUNK_ROWS });
      for (const record of rows) {
        if (!fits(record)) continue;
        if (found.length === wanted.limit) return { records: found, hasMore: true };
        found.push(record);
      }
      const last = rows.at(-1)?.seq;
      if (last === undefined || rows.length < CHUNK_ROWS) return { records: found, hasMore: false };
      if (steadyNow() > end)
        throw new TrafficError(
          "ERR_TRAFFIC_READ",
          "the text was not found in time: look for it in one session, on one route, or from one time to another",
        );
      place = wanted.after === undefined ? { before: last } : { after: last };
    }
  }

  async function select(wanted: TrafficQuery): Promise<TrafficRecord[]> {
    const { sql, values } = selectRecords(table, wanted);
    const rows = await ask<Row>(sql, values);
    return rows.map(
      ({ id, record: { run: _, ...record } }) => ({ ...record, seq: Number(id) }) as TrafficRecord,
    );
  }

  async function readStats(): Promise<void> {
    isAsking = true;
    try {
      const [row] = await ask<Record<"records" | "bytes" | "oldest" | "newest", string | null>>(
        `SELECT (SELECT max(id) - min(id) + 1 FROM ${table}) AS records, pg_total_relation_size(to_regclass($1)) AS bytes,
          (SELECT extract(epoch FROM min(time)) * 1000 FROM ${table}) AS oldest, (SELECT max(id) FROM ${table}) AS newest`,
        [table],
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
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Found[]> {
    try {
      const connection = await connect();
      return await connection.query<Found>(sql, values);
    } catch (cause) {
      throw new TrafficError(
        "ERR_TRAFFIC_READ",
        `recorded traffic cannot be read: ${(cause as Error).message}`,
        {
          cause,
        },
      );
    }
  }

  async function connect(): Promise<PostgresConnection> {
    const open = await connecting;
    if (open?.isOpen === true) return open;
    const opening = connectPostgres(target);
    connecting = opening;
    // The next to ask tries again.
    opening.catch(() => {
      if (connecting === opening) connecting = undefined;
    });
    return opening;
  }
}
