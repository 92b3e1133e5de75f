/**
 * The line that is wrong, with the two before it and a caret below the column.
 *
 * @param line from 1
 * @param column from 1
 */
export function drawCodeFrame(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, line - 2);
  const width = String(line).length;
  const shown = lines
    .slice(first - 1, line)
    .map((content, index) => `  ${String(first + index).padStart(width)} │ ${content}`);
  return [...shown, `  ${" ".repeat(width)} │ ${" ".repeat(Math.max(0, column - 1))}^`].join("\n");
}
