import type { SessionFacts, TrafficFilter, TrafficRecord } from "../records.ts";
import type { TrafficStore } from "../store/store.ts";
import { isNumberField, type NumberField, numberReadings, type WordField, wordReadings } from "./readings.ts";

/** By what records can be sorted: each has at most one of these. */
export const SORT_KEYS = [
  "time",
  "size",
  "duration",
  "status",
  "close",
  "kind",
  "route",
  "session",
  "subject",
  "origin",
  "opcode",
  "outcome",
  "method",
  "path",
  "host",
  "client",
  "server",
  "reason",
  "node",
] as const satisfies readonly ("time" | NumberField | WordField)[];

export type SortKey = (typeof SORT_KEYS)[number];

export interface SortWish {
  readonly filter: TrafficFilter;
  readonly sort: SortKey;
  readonly order: "asc" | "desc";
  readonly limit: number;
}

export interface SortedRecords {
  readonly records: readonly TrafficRecord[];
  /** Whether there are more that fit, behind these. */
  readonly hasMore: boolean;
  /** How many were compared. */
  readonly compared: number;
  /** All that fit were; else the newest. */
  readonly isWhole: boolean;
}

/** So many of the newest that fit are compared. */
export const MOST_SORTED = 200_000;
const PAGE_RECORDS = 1000;

/**
 * The first records by their order, of all that the store has; those without the value come last, equal ones newest
 * first. What the end of a session says of all of it is not compared with messages: ends come behind them.
 */
export async function sortRecords(
  store: Pick<TrafficStore, "query" | "facts">,
  wish: SortWish,
): Promise<SortedRecords> {
  const { filter, sort, order, limit } = wish;
  const sign = order === "asc" ? 1 : -1;
  const needsFacts = sort !== "time" && !isNumberField(sort);
  let best: Ranked[] = [];
  let compared = 0;
  let before: number | undefined;
  while (compared < MOST_SORTED) {
    const page = await store.query({
      ...filter,
      ...(before !== undefined && { before }),
      limit: PAGE_RECORDS,
    });
    const sessions = new Set(page.records.map(({ session }) => session));
    const facts = needsFacts ? await store.facts(sessions) : undefined;
    for (const record of page.records)
      best.push({
        record,
        key: keyOf(sort, record, facts?.get(record.session)),
        isOfSession: record.kind === "close" && (sort === "size" || sort === "duration"),
      });
    compared += page.records.length;
    best = best.sort((a, b) => compare(a, b, sign)).slice(0, limit);
    before = page.records.at(-1)?.seq;
    if (!page.hasMore || before === undefined) return result(true);
  }
  return result(false);

  function result(isWhole: boolean): SortedRecords {
    return { records: best.map(({ record }) => record), hasMore: compared > best.length, compared, isWhole };
  }
}

interface Ranked {
  readonly record: TrafficRecord;
  readonly key: number | string | undefined;
  /** The key is of a whole session. */
  readonly isOfSession: boolean;
}

function keyOf(
  sort: SortKey,
  record: TrafficRecord,
  facts: SessionFacts | undefined,
): number | string | undefined {
  if (sort === "time") return record.time;
  if (isNumberField(sort)) return numberReadings[sort](record);
  const read: (
    asked: { record: TrafficRecord; facts: SessionFacts | undefined },
    key: string,
  ) => readonly string[] = wordReadings[sort];
  return read({ record, facts }, "")[0];
}

function compare(a: Ranked, b: Ranked, sign: number): number {
  if (a.isOfSession !== b.isOfSession) return a.isOfSession ? 1 : -1;
  if (a.key === b.key) return b.record.seq - a.record.seq;
  if (a.key === undefined) return 1;
  if (b.key === undefined) return -1;
  return a.key < b.key ? -sign : sign;
}
