/** The known name nearest to a misspelt one, if any is near enough to be what was meant. */
export function suggestName(name: string, known: readonly string[]): string | undefined {
  const farthest = Math.max(1, Math.floor(name.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= farthest) return best.candidate;
  return known.find((candidate) => hasOtherEnding(name, candidate));
}

const SHORTEST_STEM = 4;

/** Nearly all of it, and then a few small letters: `replies` for `reply`, `dropped` for `drop`. */
function hasOtherEnding(name: string, candidate: string): boolean {
  const stem = candidate.length > SHORTEST_STEM ? candidate.slice(0, -1) : candidate;
  return (
    stem.length >= SHORTEST_STEM && name.startsWith(stem) && /^[a-z]{1,4}$/.test(name.slice(stem.length))
  );
}

/** Damerau–Levenshtein (optimal string alignment): insert, delete, replace, or swap two neighbours. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let cost = Math.min(
        rows[row - 1]![column]! + 1,
        current[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) cost = Math.min(cost, rows[row - 2]![column - 2]! + 1);
      current.push(cost);
    }
    rows.push(current);
  }
  return rows[from.length]![to.length]!;
}
