import { showControls } from "../../policies/shown-text.ts";
import { layOut } from "../admin/print.ts";

/** One line of what people read: cells of a table, or a sentence by itself. */
export type ExplainedLine = string | readonly string[];

/** Rows that follow each other are one table. What peers wrote does not steer the terminal. */
export function printLines(lines: readonly ExplainedLine[]): void {
  const text: string[] = [];
  for (let from = 0; from < lines.length; ) {
    const line = lines[from];
    if (line === undefined || typeof line === "string") {
      text.push(showControls(line ?? ""));
      from++;
      continue;
    }
    const end = lines.findIndex(
      (each, index) => index > from && (typeof each === "string" || each.length !== line.length),
    );
    const rows = lines.slice(from, end === -1 ? lines.length : end) as (readonly string[])[];
    text.push(...layOut(rows));
    from += rows.length;
  }
  process.stdout.write(`${text.join("\n")}\n`);
}

export function formatMs(ms: number): string {
  if (ms < 10_000) return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
