import { completeFilter } from "../../../core/traffic/filter/complete.ts";
import type { FilterError } from "../../../core/traffic/filter/filter-error.ts";
import { marksOf } from "../../../core/traffic/filter/marks.ts";
import { parseFilter } from "../../../core/traffic/filter/parse-filter.ts";
import { factsOf } from "../../../core/traffic/filter/session-facts.ts";
import { SORT_KEYS, sortRecords } from "../../../core/traffic/filter/sort-records.ts";
import type {
  SessionFacts,
  TrafficFilter,
  TrafficPage,
  TrafficQuery,
  TrafficRecord,
} from "../../../core/traffic/records.ts";
import { compileFilter } from "../../../core/traffic/store/record-filter.ts";

/** What `/api/v1/traffic` gives, of an array that grows. */
export function createSearch(records: readonly TrafficRecord[]) {
  const facts = new Map<string, SessionFacts>();
  let seen = 0;

  return { find, sessionsOf, fitting };

  async function find(query: URLSearchParams) {
    const {
      before,
      after,
      limit = "100",
      sort,
      order,
      ...rest
    } = Object.fromEntries(query) as Record<string, string | undefined>;
    const filter = Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        name,
        ["opcode", "status", "from", "to"].includes(name) ? Number(value) : value,
      ]),
    ) as TrafficFilter;
    const key = SORT_KEYS.find((name) => name === sort);
    if (key === undefined) {
      const place = {
        ...(before !== undefined && { before: Number(before) }),
        ...(after !== undefined && { after: Number(after) }),
      };
      return withSessions(pageOf({ ...filter, ...place, limit: Number(limit) }));
    }
    const store = { query: async (asked: TrafficQuery) => pageOf(asked), facts: async () => readFacts() };
    const wish = {
      filter,
      sort: key,
      order: order === "asc" ? "asc" : "desc",
      limit: Number(limit),
    } as const;
    const { compared, isWhole, ...page } = await sortRecords(store, wish);
    return { ...withSessions(page), sorted: { compared, isWhole } };
  }

  function withSessions(page: TrafficPage) {
    return { ...page, sessions: sessionsOf(page.records) };
  }

  /** What is known of the sessions of these. */
  function sessionsOf(some: readonly TrafficRecord[]): Record<string, SessionFacts> {
    const known = readFacts();
    return Object.fromEntries(
      some.flatMap(({ session }) => (known.has(session) ? [[session, known.get(session)!]] : [])),
    );
  }

  function fitting(some: readonly TrafficRecord[], filter: TrafficFilter): TrafficRecord[] {
    const { fits } = compileFilter(filter);
    const known = readFacts();
    return some.filter((record) => fits(record, known.get(record.session)));
  }

  function pageOf({ before, after, limit, ...filter }: TrafficQuery): TrafficPage {
    const { fits } = compileFilter(filter);
    const known = readFacts();
    const found: TrafficRecord[] = [];
    const step = after === undefined ? -1 : 1;
    let index = after ?? Math.min(records.length, Math.ceil(before ?? records.length + 1) - 1) - 1;
    for (; index >= 0 && index < records.length; index += step) {
      const record = records[index]!;
      if (!fits(record, known.get(record.session))) continue;
      if (found.length === limit) return { records: found, hasMore: true };
      found.push(record);
    }
    return { records: found, hasMore: false };
  }

  function readFacts(): ReadonlyMap<string, SessionFacts> {
    for (; seen < records.length; seen++) {
      const record = records[seen]!;
      if (record.kind === "upgrade") facts.set(record.session, factsOf(record, ["user"]));
    }
    return facts;
  }
}

/** What `/api/v1/traffic/filter` gives. */
export function helpWithFilter(filter: string, at: number) {
  const live = { values: () => ["/chat", "auth"], keys: () => ["user", "plan"] };
  const completion = completeFilter(filter, at, live);
  try {
    const tree = parseFilter(filter);
    return { problem: null, marks: tree === undefined ? [] : marksOf(tree), ...completion };
  } catch (error) {
    const { at: place, end, message } = error as FilterError;
    return { problem: { at: place, end, message }, marks: [], ...completion };
  }
}
