import type { ComponentChildren } from "preact";
import type { SessionFacts, TrafficRecord } from "../../../../core/traffic/records.ts";

/** What a column shows of a record, and what it is sorted and filtered by. */
export interface TrafficColumn {
  readonly id: string;
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  /** Has what room is left: never less than its width, and less than this only where nothing else can go. */
  readonly grows?: number;
  readonly isRight?: true;
  /** Shown until somebody says otherwise. */
  readonly isUsual: boolean;
  /** Where there is no room for all, the smallest goes first; 8: last, 9: never. */
  readonly rank: number;
  /** What the API sorts by. */
  readonly sort?: string;
  cell(shown: ShownRecord): ColumnCell;
}

export interface ShownRecord {
  readonly record: TrafficRecord;
  /** Of its session, where they are known. */
  readonly facts: SessionFacts | undefined;
}

export interface ColumnCell {
  readonly content: ComponentChildren;
  readonly title?: string | undefined;
  readonly class?: string;
  /** The condition that finds this value. */
  readonly term?: FilterTerm | undefined;
}

/** A field of the language of filters, and a value of it. */
export interface FilterTerm {
  readonly field: string;
  readonly value: string;
}

export const EMPTY_CELL: ColumnCell = { content: undefined };

/** A text, that can be filtered by. */
export function textCell(field: string, value: string | undefined, name = ""): ColumnCell {
  if (value === undefined || value === "") return { ...EMPTY_CELL, class: name };
  return { content: value, title: value, class: name, term: { field, value } };
}
