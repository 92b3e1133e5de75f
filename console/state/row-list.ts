import type { TrafficRecord } from "../../core/traffic/records.ts";

export type Kind = TrafficRecord["kind"];

/** Records of one kind that came too fast to be sent; `after` is the last one before them, `time` that of it. */
export interface Gap {
  readonly kind: "gap";
  readonly of: Kind;
  readonly seq: number;
  readonly time: number;
  readonly after: number;
  readonly skipped: number;
}

export type Row = TrafficRecord | Gap;

/**
 * Rows by time, oldest first, never more than `maxRows`: what is too much goes at the far end. Records are numbered as
 * they are handed over, and what several workers or machines hand over is not in the order of its time.
 */
export interface RowList {
  /** The same array is changed. */
  readonly rows: readonly Row[];
  /** Moves by one for each row that comes before the first, or goes from there: what keeps the scroll position. */
  readonly firstIndex: number;
  /** Records with a smaller `seq` may be missing here, those from it on are not; 0 when there is none. */
  readonly oldestSeq: number;
  /** The same for those with a greater one. */
  readonly newestSeq: number;
  replace(records: readonly Row[]): void;
  /** @returns whether the oldest had to go */
  append(records: readonly Row[]): boolean;
  /** @returns whether the newest had to go */
  prepend(records: readonly Row[]): boolean;
  /** Where it belongs; not a second time. */
  insert(record: Row): void;
  remove(row: Row): void;
}

export function createRowList(maxRows: number): RowList {
  const rows: Row[] = [];
  let firstIndex = 0;
  let oldestSeq = 0;
  let newestSeq = 0;

  /** @returns the index, or -1 where it was there */
  function insert(record: Row): number {
    let index = rows.length;
    while (index > 0 && inOrder(rows[index - 1]!, record) > 0) index--;
    if (rows[index - 1]?.seq === record.seq) return -1;
    rows.splice(index, 0, record);
    return index;
  }

  function reach(records: readonly Row[]): void {
    for (const { seq } of records) {
      if (oldestSeq === 0 || seq < oldestSeq) oldestSeq = seq;
      if (seq > newestSeq) newestSeq = seq;
    }
  }

  return {
    rows,
    get firstIndex() {
      return firstIndex;
    },
    get oldestSeq() {
      return oldestSeq;
    },
    get newestSeq() {
      return newestSeq;
    },
    replace(records) {
      rows.splice(0, rows.length, ...records.toSorted(inOrder));
      firstIndex = 0;
      oldestSeq = 0;
      newestSeq = 0;
      reach(records);
    },
    append(records) {
      for (const record of records) {
        const last = rows.at(-1);
        if (last === undefined || inOrder(last, record) < 0) rows.push(record);
        else if (insert(record) === 0) firstIndex--;
      }
      reach(records);
      const extra = rows.length - maxRows;
      if (extra <= 0) return false;
      // Some more at once, so that not every batch moves twenty thousand entries.
      const gone = rows.splice(0, Math.min(rows.length, extra + Math.floor(maxRows / 20)));
      oldestSeq = Math.max(...gone.map(({ seq }) => seq)) + 1;
      firstIndex += gone.length;
      return true;
    },
    prepend(records) {
      const first = rows[0];
      const sorted = records.toSorted(inOrder);
      const before = first === undefined ? sorted : sorted.filter((record) => inOrder(record, first) < 0);
      rows.unshift(...before);
      firstIndex -= before.length;
      // Few: those that came late.
      for (const record of sorted.slice(before.length)) if (insert(record) !== -1) firstIndex--;
      reach(records);
      if (rows.length <= maxRows) return false;
      const gone = rows.splice(maxRows);
      newestSeq = Math.min(...gone.map(({ seq }) => seq)) - 1;
      return true;
    },
    insert(record) {
      insert(record);
      reach([record]);
    },
    remove(row) {
      const index = rows.indexOf(row);
      if (index !== -1) rows.splice(index, 1);
    },
  };
}

function inOrder(a: Row, b: Row): number {
  return a.time - b.time || a.seq - b.seq;
}
