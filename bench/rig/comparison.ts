import { type Results, roundsOf } from "./results.ts";
import { median, spread } from "./statistics.ts";
import { formatFigure } from "./tables.ts";

/** A Markdown table: what each first figure of this tree is of that of the other, round by round. */
export function renderComparison(results: Results, suffix: string): string {
  const pairs = results.rows.filter(({ peer }) =>
    results.rows.some((row) => row.peer.id === peer.id + suffix),
  );
  const { columns } = results;
  const lines = pairs.map(({ peer }) => {
    const cells = columns.map(({ id, group }) => {
      const figure = group.figures[0]?.key ?? "";
      const now = roundsOf(results, { row: peer.id, column: id, figure });
      const before = roundsOf(results, { row: peer.id + suffix, column: id, figure });
      if (now.length === 0 || now.length !== before.length) return "–";
      const ratios = now.map((value, i) => value / (before[i] as number));
      return `${formatFigure(median(ratios))}${ratios.length > 1 ? ` ±${Math.round(spread(ratios) * 100)} %` : ""}`;
    });
    return `| ${[peer.title, ...cells].join(" | ")} |`;
  });
  return [
    `### This tree : ${suffix.slice(1)}`,
    "",
    "Of the first figure of each column; below 1 it costs less now:",
    "",
    `| ${["", ...columns.map(({ title }) => title)].join(" | ")} |`,
    `| ${["", ...columns.map(() => "")].map(() => "---").join(" | ")} |`,
    ...lines,
  ].join("\n");
}
