/**
 * Which of what `git ls-remote` lists is meant: a branch before a tag of the same name, of a tag with a message its commit.
 *
 * @returns what to fetch, and the commit that it is
 */
export function findRef(ref: string, listing: string): { name: string; commit: string } | undefined {
  const commits = new Map(
    listing
      .split("\n")
      .map((line) => line.split("\t"))
      .flatMap(([commit, name]) => (commit && name ? [[name, commit] as const] : [])),
  );
  // It lists all whose name ends so.
  for (const name of [ref, `refs/heads/${ref}`, `refs/tags/${ref}`]) {
    const commit = commits.get(`${name}^{}`) ?? commits.get(name);
    if (commit !== undefined) return { name, commit };
  }
  return undefined;
}
