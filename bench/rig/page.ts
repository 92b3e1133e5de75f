import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const BEGIN = "<!-- measured: begin -->";
const END = "<!-- measured: end -->";
const page = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));
const picture = fileURLToPath(new URL("../../docs/performance.svg", import.meta.url));

/** Puts what was measured into docs/performance.md, in place of what was there, and the chart beside it. */
export async function writePage(measured: string, chart: string): Promise<void> {
  const text = `${measured}\n\n![CPU time beside others](performance.svg)`;
  await writeFile(page, replaceMeasured(await readFile(page, "utf8"), text));
  await writeFile(picture, chart);
}

/** Throws when the page has no place for it. */
export function replaceMeasured(text: string, measured: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`docs/performance.md has no "${BEGIN}" and "${END}" behind it`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${measured}\n\n${text.slice(end)}`;
}
