import type { ExportedName } from "./exports.ts";

export interface DoubleName {
  readonly name: string;
  /** The files that each make something of this name, sorted. */
  readonly files: readonly string[];
}

/** Names that several files export, each for a thing of its own; what is only handed on counts where it is made. */
export function findDoubleNames(
  exportsByFile: ReadonlyMap<string, readonly ExportedName[]>,
): readonly DoubleName[] {
  const makers = new Map<string, Set<string>>();
  for (const [file, names] of exportsByFile) {
    for (const { name, from } of names) {
      if (from?.name === name || name === "*") continue;
      // What is handed on by another name is made, under that name, of the file that it comes from.
      makers.set(name, (makers.get(name) ?? new Set()).add(from?.target ?? file));
    }
  }
  return [...makers]
    .filter(([, files]) => files.size > 1)
    .map(([name, files]) => ({ name, files: [...files].toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
