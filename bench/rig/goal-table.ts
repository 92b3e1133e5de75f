import type { Goal } from "./goals.ts";
import { type Results, roundsOf } from "./results.ts";
import { median } from "./statistics.ts";
import { formatFigure } from "./tables.ts";

/** The median over the rounds; NaN where one of the figures was not measured. */
export function measuredOf(goal: Goal, results: Results): number {
  const of = roundsOf(results, goal.of);
  const { over, minus } = goal;
  const others = over ?? minus;
  if (others === undefined) return median(of);
  const beside = roundsOf(results, others);
  if (beside.length !== of.length) return Number.NaN;
  // What was measured in one round met the same machine.
  return median(of.map((value, i) => (over ? value / (beside[i] as number) : value - (beside[i] as number))));
}

/** A Markdown table: each goal that was measured, and whether it is reached; how many were not. */
export function renderGoals(goals: readonly Goal[], results: Results): string {
  const measured = goals
    .map((goal) => ({ goal, value: measuredOf(goal, results) }))
    .filter(({ value }) => Number.isFinite(value));
  const lines = measured.map(({ goal: { what, atMost, unit }, value }) => {
    const [is, most] = [value, atMost].map((each) => `${formatFigure(each)}${unit ? ` ${unit}` : ""}`);
    return `| ${what} | ${is} | ≤ ${most} | ${value <= atMost ? "reached" : "**missed**"} |`;
  });
  const others = goals.length - measured.length;
  const table = ["| | measured | goal | |", "| --- | --- | --- | --- |", ...lines].join("\n");
  if (others === 0) return table;
  return `${lines.length === 0 ? "" : `${table}\n\n`}${others} of ${goals.length} were not measured.`;
}
