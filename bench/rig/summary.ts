import { type Place, type Results, roundsOf } from "./results.ts";
import { median } from "./statistics.ts";
import { formatFigure } from "./tables.ts";

const ROWS = [
  ...["nginx", "haproxy", "ws-policy", "bun", "deno", "workerd"],
  ...["spliced", "looks", "rewrites", "sets", "sets-blind"],
];
const COLUMNS = ["64x50x32", "1Kx50x32", "16Kx50x1", "64Kx50x1"];

/** All that the table is made of. */
export const summaryPlaces: readonly Place[] = ROWS.flatMap((row) =>
  COLUMNS.map((column) => ({ row, column, figure: "cpu" })),
);

/** A Markdown table for README.md: the CPU time of a message, where it says most. What was not measured is left out. */
export function renderSummary(results: Results): string {
  const columns = results.columns.filter(({ id }) => COLUMNS.includes(id));
  const lines = ROWS.flatMap((row) => {
    const title = results.rows.find(({ peer }) => peer.id === row)?.peer.title;
    const values = columns.map(({ id }) => median(roundsOf(results, { row, column: id, figure: "cpu" })));
    if (title === undefined || !values.some(Number.isFinite)) return [];
    return [`| ${[title, ...values.map(formatFigure)].join(" | ")} |`];
  });
  const head = [
    `| ${["CPU µs a message", ...columns.map(({ title }) => title)].join(" | ")} |`,
    `| ${["", ...columns].map(() => "---").join(" | ")} |`,
  ];
  return [...head, ...lines].join("\n");
}
