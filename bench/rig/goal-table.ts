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

/** A Markdown table: each goal, what was measured, and whether it is reached. */
export function renderGoals(goals: readonly Goal[], results: Results): string {
  const lines = goals.map((goal) => {
    const value = measuredOf(goal, results);
    const isMeasured = Number.isFinite(value);
    const unit = goal.unit === undefined ? "" : ` ${goal.unit}`;
    const verdict = isMeasured ? (value <= goal.atMost ? "reached" : "**missed**") : "not measured";
    const shown = isMeasured ? `${formatFigure(value)}${unit}` : "–";
    return `| ${goal.what} | ${shown} | ≤ ${formatFigure(goal.atMost)}${unit} | ${verdict} |`;
  });
  return ["| | measured | goal | |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
