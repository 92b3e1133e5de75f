import type { Column } from "../columns/column.ts";
import { escapeXml, renderSvg } from "../lib/svg.ts";
import { type Results, roundsOf } from "./results.ts";
import { median } from "./statistics.ts";
import { formatFigure } from "./tables.ts";

const LABEL_WIDTH = 400;
const BAR_WIDTH = 340;
const WIDTH = 840;
const LINE = 20;
const HEAD = 34;

/** Bars of the first figure of each of these columns, a panel a column. The axis is logarithmic: rows are factors apart. */
export function renderChart(results: Results, columns: readonly Column[]): string {
  const panels: string[] = [];
  let y = 0;
  for (const column of columns) {
    const bars = barsOf(results, column);
    if (bars.length === 0) continue;
    panels.push(renderPanel(column, bars, y));
    y += HEAD + bars.length * LINE + 12;
  }
  return renderSvg({
    title: "What the gateway costs beside others",
    width: WIDTH,
    height: y,
    style: ".ours { fill: #2563eb } .other { fill: #9ca3af }",
    body: panels,
  });
}

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly isOurs: boolean;
}

function barsOf(results: Results, column: Column): readonly Bar[] {
  const figure = column.group.figures[0]?.key ?? "";
  return results.rows.flatMap(({ peer }) => {
    const value = median(roundsOf(results, { row: peer.id, column: column.id, figure }));
    const label = peer.title.replaceAll(/[*`]/g, "");
    return Number.isFinite(value) && value > 0
      ? [{ label, value, isOurs: label.startsWith("Framegate") }]
      : [];
  });
}

function renderPanel(column: Column, bars: readonly Bar[], top: number): string {
  const values = bars.map(({ value }) => value);
  // Half of the smallest, so that its bar is one.
  const from = Math.log(Math.min(...values) / 2);
  const range = Math.log(Math.max(...values)) - from;
  const title = `${column.title}: ${column.group.figures[0]?.title} (logarithmic)`;
  const lines = bars.map(({ label, value, isOurs }, index) => {
    const y = top + HEAD + index * LINE;
    const width = Math.round(((Math.log(value) - from) / range) * BAR_WIDTH);
    return (
      `<text x="${LABEL_WIDTH - 8}" y="${y + 11}" text-anchor="end">${escapeXml(label)}</text>` +
      `<rect class="${isOurs ? "ours" : "other"}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${LINE - 6}"/>` +
      `<text x="${LABEL_WIDTH + width + 6}" y="${y + 11}">${formatFigure(value)}</text>`
    );
  });
  return [`<text x="8" y="${top + 20}" font-weight="bold">${escapeXml(title)}</text>`, ...lines].join("\n");
}
