import { TrafficError } from "../../traffic/errors.ts";
import { factsOf } from "../../traffic/filter/session-facts.ts";
import type { SessionFacts, TrafficPage, TrafficQuery, TrafficRecord } from "../../traffic/records.ts";
import { compileFilter, fitsLater } from "../../traffic/store/record-filter.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { createTimeSlices } from "../../traffic/store/time-slice.ts";

/** The records of a file, to be read as those that are recorded: numbered from 1, and never others. */
export function createOpenedStore(
  records: readonly TrafficRecord[],
  subjects: readonly string[],
): TrafficStore {
  const sessions = new Map<string, SessionFacts>();
  for (const record of records)
    if (record.kind === "upgrade") sessions.set(record.session, factsOf(record, subjects));
  const beginSlice = createTimeSlices();
  return {
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

  async function query(wanted: TrafficQuery): Promise<TrafficPage> {
    const { before = Number.POSITIVE_INFINITY, after, limit } = wanted;
    const isForward = after !== undefined;
    const { fits } = compileFilter(wanted);
    const slice = beginSlice();
    const found: TrafficRecord[] = [];
    const last = Math.min(records.length, before - 1);
    for (let step = 0; step < last - (after ?? 0); step++) {
      const record = records[isForward ? after + step : last - 1 - step]!;
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
