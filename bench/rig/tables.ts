import type { Column, ColumnGroup } from "../columns/column.ts";
import type { Cell, ResultRow, Results } from "./results.ts";
import { median, spread } from "./statistics.ts";

/** A Markdown table for each kind of column, its rows as the results have them. */
export function renderTables(results: Results): string {
  const groups = Map.groupBy(results.columns, ({ group }) => group.title);
  const tables = [...groups.values()].map((columns) => renderTable(columns, results.rows));
  const missing = results.rows.flatMap(({ peer, missing: how }) =>
    how === undefined ? [] : [`- ${peer.title}: not installed: \`${how}\``],
  );
  return [...tables, ...(missing.length > 0 ? [missing.join("\n")] : [])].join("\n\n");
}

function renderTable(columns: readonly Column[], rows: readonly ResultRow[]): string {
  const [{ group }] = columns as readonly [Column];
  const failures = new Set<string>();
  const lines = rows
    .filter(({ cells }) => columns.some(({ id }) => cells.has(id)))
    .map(({ peer, cells }) => {
      const shown = columns.map(({ id }) => {
        const cell = cells.get(id);
        if (cell === undefined) return "–";
        if ("rounds" in cell) return renderCell(cell, group);
        failures.add(`- ${peer.title}: ${cell.failure}`);
        return "failed";
      });
      return `| ${[peer.title, ...shown].join(" | ")} |`;
    });
  const head = [
    `| ${["", ...columns.map(({ title }) => title)].join(" | ")} |`,
    `| ${["", ...columns.map(() => "")].map(() => "---").join(" | ")} |`,
  ];
  const notes = failures.size > 0 ? `\n\n${[...failures].join("\n")}` : "";
  return `### ${group.title}\n\n${captionOf(group)}\n\n${[...head, ...lines].join("\n")}${notes}`;
}

function captionOf({ figures }: ColumnGroup): string {
  const [first, ...others] = figures.map(({ title }) => title);
  return others.length === 0 ? `In ${first}:` : `Each cell: ${first} (${others.join(" / ")}).`;
}

function renderCell({ rounds }: Extract<Cell, { rounds: unknown }>, { figures }: ColumnGroup): string {
  const [first = "", ...others] = figures
    .map(({ key }) => {
      const values = rounds.map((each) => each[key] ?? Number.NaN);
      return { value: formatFigure(median(values)), spread: spread(values) };
    })
    .map(({ value, spread: apart }, index) =>
      index === 0 && rounds.length > 1 ? `${value} ±${Math.round(apart * 100)} %` : value,
    );
  return others.length === 0 ? first : `${first} (${others.join(" / ")})`;
}

/** Three digits say what there is to say. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
