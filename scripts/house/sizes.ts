export interface FolderSize {
  readonly folder: string;
  readonly files: number;
  /** In lines, as `largest`. */
  readonly median: number;
  readonly largest: number;
}

interface Sized {
  readonly path: string;
  readonly lines: number;
}

/** The files below each folder, all levels of it together. */
export function measureFolders(files: readonly Sized[], folders: readonly string[]): readonly FolderSize[] {
  return folders.map((folder) => {
    const lines = files
      .filter(({ path }) => path.startsWith(`${folder}/`))
      .map((file) => file.lines)
      .toSorted((a, b) => a - b);
    return {
      folder,
      files: lines.length,
      median: lines[Math.floor(lines.length / 2)] ?? 0,
      largest: lines.at(-1) ?? 0,
    };
  });
}

/** Folders that have more than `most` files of their own: flat, where a second level might say more. */
export function findCrowded(paths: readonly string[], most: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return new Map([...counts].filter(([, count]) => count > most).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
