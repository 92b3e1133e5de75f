import { useState } from "preact/hooks";
import { readStored, store } from "../../../state/stored.ts";
import type { TrafficColumn } from "./column.ts";
import { type ColumnChoice, NARROWEST, NO_CHOICE, readColumnChoice, WIDEST } from "./layout.ts";

export interface ChosenColumns {
  readonly choice: ColumnChoice;
  toggle(column: TrafficColumn, isWanted: boolean): void;
  resize(column: TrafficColumn, width: number | undefined): void;
  reset(): void;
}

/** Which columns of a table are shown, and how wide: what somebody chooses is remembered. */
export function useColumns(table: string): ChosenColumns {
  const name = `columns.${table}`;
  const [choice, setChoice] = useState(() => readColumnChoice(readStored(name, "")));
  const choose = (next: ColumnChoice) => {
    setChoice(next);
    store(name, JSON.stringify(next));
  };
  return {
    choice,
    toggle: ({ id }, isWanted) => choose({ ...choice, shown: { ...choice.shown, [id]: isWanted } }),
    resize({ id }, width) {
      const { [id]: _, ...others } = choice.widths;
      const bounded = width && Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
      choose({ ...choice, widths: bounded === undefined ? others : { ...others, [id]: bounded } });
    },
    reset: () => choose(NO_CHOICE),
  };
}
