import type { TrafficColumn } from "./column.ts";

/** What somebody has chosen, and this browser remembers. */
export interface ColumnChoice {
  readonly shown: Readonly<Record<string, boolean>>;
  /** Pixels. */
  readonly widths: Readonly<Record<string, number>>;
}

export const NO_CHOICE: ColumnChoice = { shown: {}, widths: {} };

export const NARROWEST = 36;
export const WIDEST = 900;
/** Between two columns, and at both ends of a row. */
const GAP = 12;
const ENDS = 24;

export interface ColumnLayout {
  readonly columns: readonly TrafficColumn[];
  /** Of `grid-template-columns`. */
  readonly template: string;
  /** Wanted, and there is no room for them. */
  readonly left: readonly TrafficColumn[];
}

/** Those that are wanted and fit into so many pixels: the least important go, one by one. */
export function layOutColumns(
  all: readonly TrafficColumn[],
  choice: ColumnChoice,
  { width, isWanted }: { readonly width: number; readonly isWanted: (column: TrafficColumn) => boolean },
): ColumnLayout {
  const columns = all.filter((column) => choice.shown[column.id] ?? isWanted(column));
  const left: TrafficColumn[] = [];
  const roomFor = (isEasy: boolean) =>
    columns.reduce(
      (sum, column) => sum + Math.max(widthOf(column, choice), (isEasy && column.grows) || 0) + GAP,
      ENDS - GAP,
    );
  while (true) {
    const least = columns.filter(({ rank }) => rank < 9).sort((a, b) => a.rank - b.rank)[0];
    if (least === undefined || roomFor(least.rank < 8) <= width) break;
    columns.splice(columns.indexOf(least), 1);
    left.push(least);
  }
  const template = columns.map((column) => {
    const pixels = widthOf(column, choice);
    return column.grows !== undefined ? `minmax(${pixels}px, 1fr)` : `${pixels}px`;
  });
  return { columns, left, template: template.join(" ") };
}

export function widthOf({ id, width }: TrafficColumn, { widths }: ColumnChoice): number {
  return Math.max(NARROWEST, Math.min(WIDEST, widths[id] ?? width));
}

/** @returns nothing chosen for what cannot be read */
export function readColumnChoice(text: string): ColumnChoice {
  try {
    const { shown, widths } = JSON.parse(text) as Partial<ColumnChoice>;
    return {
      shown: entriesOf(shown, "boolean"),
      widths: entriesOf(widths, "number"),
    };
  } catch {
    return NO_CHOICE;
  }
}

function entriesOf<Value>(found: unknown, type: "boolean" | "number"): Record<string, Value> {
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, Value] => typeof entry[1] === type),
  );
}
