import type { TrafficWindow } from "../../state/traffic-window.ts";

type Key = (event: KeyboardEvent) => false | undefined;

/** Keys that move the selection wherever one is: the table need not be clicked first. */
export function tableKeys(
  { rows }: Pick<TrafficWindow, "rows">,
  selected: number | undefined,
  onSelect: (seq: number) => void,
): Readonly<Record<string, Key>> {
  const move = (step: number): undefined => {
    const at = selected === undefined ? -1 : rows.findLastIndex(({ seq }) => seq === selected);
    let next = at === -1 ? rows.length - 1 : Math.max(0, Math.min(rows.length - 1, at + step));
    const way = Math.sign(step);
    while (rows[next]?.kind === "gap" && rows[next + way] !== undefined) next += way;
    const row = rows[next];
    if (row !== undefined && row.kind !== "gap") onSelect(row.seq);
    document.querySelector<HTMLElement>(".traffic-table [role=grid]")?.focus({ preventScroll: true });
  };
  // What is to be scrolled or chosen with arrows has them.
  const unlessElsewhere =
    (step: number): Key =>
    ({ target }) =>
      target === document.body ? move(step) : false;
  return {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: unlessElsewhere(1),
    ArrowUp: unlessElsewhere(-1),
    PageDown: unlessElsewhere(20),
    PageUp: unlessElsewhere(-20),
    Home: unlessElsewhere(Number.NEGATIVE_INFINITY),
    End: unlessElsewhere(Number.POSITIVE_INFINITY),
  };
}
