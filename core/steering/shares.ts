/**
 * Deals out a count to those who have so many left each: in proportion, nobody more than he has, and all of it, as far as
 * there is any left.
 */
export function dealShares(count: number, left: readonly number[]): number[] {
  const total = left.reduce((sum, each) => sum + each, 0);
  if (count >= total) return [...left];
  const exact = left.map((each) => (count * each) / total);
  const shares = exact.map(Math.floor);
  const missing = count - shares.reduce((sum, share) => sum + share, 0);
  // What is lost by whole numbers goes to those who lost most.
  const losers = exact.map((share, index) => ({ index, lost: share - Math.floor(share) }));
  losers.sort((a, b) => b.lost - a.lost);
  for (const { index } of losers.slice(0, missing)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
