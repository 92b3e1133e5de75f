import type { Finding, Measure } from "./measure.ts";
import { MOST_FILES, MOST_PARAMETERS } from "./rules.ts";

/** The measure as lines of text: figures first, then each finding with its place. */
export function renderMeasure(measure: Measure): string {
  const { sizes, crowded, circles, doubleNames, longCalls, misnamed } = measure;
  const lines = [
    row(["folder", "files", "median", "largest"]),
    ...sizes.map(({ folder, files, median, largest }) => row([folder, files, median, largest])),
    ...section(
      `folders with more than ${MOST_FILES} files of their own`,
      [...crowded].map(([folder, files]) => `${folder}: ${files}`),
    ),
    ...section(
      "import circles, of values and types",
      circles.map(({ way }) => way.join(" ─▶ ")),
    ),
    ...section(
      "exported names that mean several things",
      doubleNames.map(({ name, files }) => `${name}: ${files.join(", ")}`),
    ),
    ...section(`more than ${MOST_PARAMETERS} positional parameters`, longCalls.map(showFinding)),
    ...section("constants that are not in the one style", misnamed.map(showFinding)),
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, findings: readonly string[]): readonly string[] {
  return ["", `${title}: ${findings.length}`, ...findings.map((finding) => `  ${finding}`)];
}

function showFinding({ file, line, name, detail }: Finding): string {
  return `${file}:${line} ${name}: ${detail}`;
}

/** The first cell to the left, numbers to the right. */
function row([first, ...rest]: readonly (string | number)[]): string {
  return `${String(first).padEnd(24)}${rest.map((cell) => String(cell).padStart(9)).join("")}`;
}
