import { showControls } from "../../policies/shown-text.ts";

/** For programs: one value, on lines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${showJson(value)}\n`);
}

/** What would steer the terminal of somebody who looks at it stands escaped. */
export function showJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** For people. What clients and servers wrote in a cell does not steer the terminal. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${layOut([head, ...rows]).join("\n")}\n`);
}

/** A line for each row, its cells below each other. */
export function layOut(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => showControls(cell.replaceAll(/[\n\t]/g, " "))));
  const columns = cells[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

export function printLine(text: string): void {
  process.stdout.write(`${showControls(text)}\n`);
}

/** `4s`, `12m`, `3h`, `2d`: the largest unit of which there is one. */
export function formatSpan(ms: number): string {
  const [amount, unit] = UNITS.find(([length]) => ms >= length) ?? [1000, "s"];
  return `${Math.floor(ms / amount)}${unit}`;
}

/** @param at milliseconds since 1970, as `now` */
export function formatAge(at: number, now: number): string {
  return formatSpan(Math.max(0, now - at));
}

/** `name=value`: text as it is, all else as JSON. */
export function wordAttributes(attributes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(attributes).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
}

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
];
