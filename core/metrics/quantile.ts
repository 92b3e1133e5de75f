/**
 * What a share of counted values does not exceed, between the bounds of the bucket that it falls into.
 *
 * @param bounds of the buckets, rising; the last may be Infinity: what is there is told as the bound before it
 * @param share from 0 to 1
 * @returns undefined: nothing was counted
 */
export function quantileOf(
  counts: readonly number[],
  bounds: readonly number[],
  share: number,
): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [index, count] of counts.entries()) {
    if (left > count || count === 0) {
      left -= count;
      continue;
    }
    const from = bounds[index - 1] ?? 0;
    const to = bounds[index] ?? Number.POSITIVE_INFINITY;
    return to === Number.POSITIVE_INFINITY ? from : from + (to - from) * (left / count);
  }
  return bounds.findLast((bound) => bound !== Number.POSITIVE_INFINITY);
}

/** Of values that are all there. */
export function quantileOfValues(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Bucket by bucket. */
export function sumCounted(all: readonly (readonly number[])[]): readonly number[] {
  const length = Math.max(0, ...all.map((counts) => counts.length));
  return Array.from({ length }, (_, index) => all.reduce((sum, counts) => sum + (counts[index] ?? 0), 0));
}
