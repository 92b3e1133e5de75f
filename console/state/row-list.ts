import type { TrafficRecord } from "../../core/traffic/records.ts";

export type Kind = TrafficRecord["kind"];

/** Records of one kind that came too fast to be sent; `after` is the last one before them. */
export interface Gap {
  readonly kind: "gap";
  readonly of: Kind;
  readonly seq: number;
  readonly after: number;
  readonly skipped: number;
}

export type Row = TrafficRecord | Gap;

/** Rows by `seq`, oldest first, never more than `maxRows`: what is too much goes at the far end. */
export interface RowList {
  /** The same array is changed. */
  readonly rows: readonly Row[];
  /** Moves by one for each row that comes before the first, or goes from there: what keeps the scroll position. */
  readonly firstIndex: number;
  /** 0 when there is none. */
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
  const newestSeq = () => rows.at(-1)?.seq ?? 0;

  function insert(record: Row): void {
    let index = rows.length;
    while (index > 0 && rows[index - 1]!.seq > record.seq) index--;
    if (rows[index - 1]?.seq !== record.seq) rows.splice(index, 0, record);
  }

  return {
    rows,
    get firstIndex() {
      return firstIndex;
    },
    get newestSeq() {
      return newestSeq();
    },
    replace(records) {
      rows.splice(0, rows.length, ...records);
      firstIndex = 0;
    },
    append(records) {
      for (const record of records) {
        if (record.seq > newestSeq()) rows.push(record);
        else insert(record);
      }
      const extra = rows.length - maxRows;
      if (extra <= 0) return false;
      // Some more at once, so that not every batch moves twenty thousand entries.
      const count = Math.min(rows.length, extra + Math.floor(maxRows / 20));
      rows.splice(0, count);
      firstIndex += count;
      return true;
    },
    prepend(records) {
      rows.unshift(...records);
      firstIndex -= records.length;
      if (rows.length <= maxRows) return false;
      rows.length = maxRows;
      return true;
    },
    insert,
    remove(row) {
      const index = rows.indexOf(row);
      if (index !== -1) rows.splice(index, 1);
    },
  };
}
