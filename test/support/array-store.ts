import type { FrameRecord, TrafficRecord } from "../../core/traffic/records.ts";
import { compileFilter } from "../../core/traffic/store/record-filter.ts";
import type { TrafficStore } from "../../core/traffic/store/store.ts";

export interface ArrayStore extends TrafficStore {
  add(...records: readonly Partial<FrameRecord>[]): void;
}

/** As small as a store can be: frames in an array. */
export function createArrayStore(): ArrayStore {
  let records: TrafficRecord[] = [];
  let newestSeq = 0;
  return {
    add(...given) {
      for (const each of given) records.push({ ...frame, ...each, seq: ++newestSeq });
    },
    redactsLate: false,
    append() {},
    async query({ before = Number.POSITIVE_INFINITY, after, limit, ...filter }) {
      const { fits } = compileFilter(filter);
      const found = records.filter(
        (record) => record.seq < before && record.seq > (after ?? 0) && fits(record),
      );
      if (after === undefined) found.reverse();
      return { records: found.slice(0, limit), hasMore: found.length > limit };
    },
    facts: async () => new Map(),
    note: async () => undefined,
    get: async (wanted) => records.find(({ seq }) => seq === wanted),
    stats: () => ({
      records: records.length,
      bytes: 0,
      oldestTime: records[0]?.time ?? 0,
      newestSeq,
      dropped: 0,
      problem: "",
    }),
    clear() {
      records = [];
    },
    change() {},
    close() {},
  };
}

const frame: FrameRecord = {
  kind: "frame",
  seq: 0,
  time: 1,
  session: "s-1",
  route: "/*",
  origin: "client",
  opcode: 1,
  fin: true,
  isCompressed: false,
  maskKey: null,
  length: 2,
  sequence: 1,
  frames: 1,
  durationMs: 0.1,
  ...{ writeMs: null, unsentBytes: 0 },
  outcome: "spliced",
  steps: [],
  payload: { encoding: "text", data: "hi", length: 2, isCut: false, redactions: 0 },
  after: null,
  replies: [],
  appended: [],
};
