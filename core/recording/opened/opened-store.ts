import { TrafficError } from "../../traffic/errors.ts";
import { factsOf } from "../../traffic/filter/session-facts.ts";
import type { SessionFacts, TrafficPage, TrafficQuery, TrafficRecord } from "../../traffic/records.ts";
import { compileFilter, fitsLater } from "../../traffic/store/record-filter.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { createTimeSlices } from "../../traffic/store/time-slice.ts";

export interface OpenedStore {
  readonly store: TrafficStore;
  /** How many have a record. */
  readonly sessions: number;
}

/** The records of a file, to be read as those that are recorded: numbered from 1, and never others. */
export function* createOpenedStore(
  records: readonly TrafficRecord[],
  subjects: readonly string[],
): Generator<void, OpenedStore> {
  const sessions = new Map<string, SessionFacts>();
  const recordsOf = new Map<string, TrafficRecord[]>();
  for (const record of records) {
    yield;
    if (record.kind === "upgrade") sessions.set(record.session, factsOf(record, subjects));
    const own = recordsOf.get(record.session);
    if (own === undefined) recordsOf.set(record.session, [record]);
    else own.push(record);
  }
  const beginSlice = createTimeSlices();
  const store: TrafficStore = {
    redactsLate: false,
    append() {},
    query,
    get: async (seq) => records[seq - 1],
    async note() {
      throw new TrafficError("ERR_TRAFFIC_SHARED", "what is in a file is not changed here");
    },
    async facts(wanted) {
      return new Map([...wanted].flatMap((id) => (sessions.has(id) ? [[id, sessions.get(id)!]] : [])));
    },
    stats: () => ({
      records: records.length,
      bytes: 0,
      oldestTime: records[0]?.time ?? 0,
      newestSeq: records.length,
      dropped: 0,
      problem: "",
    }),
    clear() {
      throw new TrafficError("ERR_TRAFFIC_SHARED", "what is in a file is not changed here");
    },
    change() {},
    close() {},
  };
  return { store, sessions: recordsOf.size };

  async function query(wanted: TrafficQuery): Promise<TrafficPage> {
    const { before = Number.POSITIVE_INFINITY, after, limit } = wanted;
    const isForward = after !== undefined;
    const { fits, columns } = compileFilter(wanted);
    const all = columns.session === undefined ? records : (recordsOf.get(columns.session) ?? []);
    const slice = beginSlice();
    const found: TrafficRecord[] = [];
    const first = after === undefined ? 0 : placeOf(all, after + 1);
    const last = placeOf(all, before);
    for (let step = 0; step < last - first; step++) {
      const record = all[isForward ? first + step : last - 1 - step]!;
      const pause = slice.pause();
      if (pause !== undefined) await pause;
      const known = sessions.get(record.session);
      if (!(fits(record, known) ?? (await fitsLater({ fits }, slice, record, known)))) continue;
      if (found.length === limit) return { records: found, hasMore: true };
      found.push(record);
    }
    return { records: found, hasMore: false };
  }
}

/** Where the first stands whose number is not below this one. */
function placeOf(records: readonly TrafficRecord[], seq: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
