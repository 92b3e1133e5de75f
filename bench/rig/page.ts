import { readFile, writeFile } from "node:fs/promises";

/** Where a section of a page is that a command writes: `<!-- NAME: begin -->` and `<!-- NAME: end -->`. */
const marker = (name: string, edge: "begin" | "end") => `<!-- ${name}: ${edge} -->`;
const fileOf = (path: string) => new URL(`../../${path}`, import.meta.url);

/**
 * Puts what was measured into a page, in place of what was there, and the pictures beside it.
 *
 * @param path of the page, from the root of the checkout
 * @param pictures by their paths
 */
export async function writeSection(
  path: string,
  name: string,
  text: string,
  pictures: Readonly<Record<string, string>> = {},
): Promise<void> {
  const page = fileOf(path);
  await writeFile(page, replaceSection(await readFile(page, "utf8"), { path, name, text }));
  for (const [file, svg] of Object.entries(pictures)) await writeFile(fileOf(file), svg);
}

export interface Section {
  /** Of the page, for who has to put the markers back. */
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

/** Throws when the page has no place for it. */
export function replaceSection(page: string, { path, name, text }: Section): string {
  const [first, last] = [marker(name, "begin"), marker(name, "end")];
  const [begin, end] = [page.indexOf(first), page.indexOf(last)];
  if (begin === -1 || end < begin) throw new Error(`${path} has no "${first}" and "${last}" behind it`);
  return `${page.slice(0, begin + first.length)}\n\n${text}\n\n${page.slice(end)}`;
}
