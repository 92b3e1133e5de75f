import type { Column, Figures } from "../columns/column.ts";
import type { Peer } from "../peers/peer.ts";

/** What the rounds have found of a row in a column, in their order; or why not. */
export type Cell = { readonly rounds: readonly Figures[] } | { readonly failure: string };

export interface ResultRow {
  readonly peer: Peer;
  /** How to get what is not installed. */
  readonly missing: string | undefined;
  /** By the column's id; absent where the column is not for this row. */
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Results {
  readonly columns: readonly Column[];
  readonly rows: readonly ResultRow[];
}

/** Where a figure stands. */
export interface Place {
  readonly row: string;
  readonly column: string;
  readonly figure: string;
}

/** Of each round, in their order; nothing where it was not measured. */
export function roundsOf({ rows }: Results, { row, column, figure }: Place): readonly number[] {
  const cell = rows.find(({ peer }) => peer.id === row)?.cells.get(column);
  if (cell === undefined || "failure" in cell) return [];
  return cell.rounds.flatMap((figures) => figures[figure] ?? []);
}
