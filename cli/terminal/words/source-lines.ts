const AROUND = 1;
const MAX_LENGTH = 120;

/** A line of a source with its neighbours, and a mark below the place; "" where there is none. @param line from 1, as the column */
export function drawPlace(source: string, line: number, column: number): string {
  const lines = source.split(/\r?\n/);
  if (lines[line - 1] === undefined || source === "") return "";
  const from = Math.max(1, line - AROUND);
  const to = Math.min(lines.length, line + AROUND);
  const width = String(to).length;
  const drawn = lines.slice(from - 1, to).map((text, index) => {
    const number = String(from + index).padStart(width);
    return `${number} │ ${text.slice(0, MAX_LENGTH).replaceAll("\t", " ")}`.trimEnd();
  });
  const mark = column > MAX_LENGTH ? [] : [`${" ".repeat(width)} ╵ ${" ".repeat(Math.max(0, column - 1))}^`];
  drawn.splice(line - from + 1, 0, ...mark);
  return drawn.join("\n");
}
