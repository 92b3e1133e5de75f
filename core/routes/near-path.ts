/**
 * What the segments of a path would be for a pattern that they meet but for upper and lower case, or for a slash at their
 * end. Undefined: they differ in more.
 */
export function nearSegments(
  pattern: readonly string[],
  segments: readonly string[],
): readonly string[] | undefined {
  const isFolder = segments.length > 1 && segments.at(-1) === "";
  const other = isFolder ? segments.slice(0, -1) : [...segments, ""];
  return meet(pattern, segments) ?? meet(pattern, other);
}

/** What of a path tells it from another that is near it, for the log. */
export function nameDifference(path: string, near: string): string {
  return path.toLowerCase() === near.toLowerCase()
    ? "upper and lower case count"
    : "the slash at the end counts";
}

function meet(pattern: readonly string[], segments: readonly string[]): readonly string[] | undefined {
  const met: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (expected === "*" && index === pattern.length - 1) return [...met, ...segments.slice(index)];
    if (expected.startsWith(":") ? segment === "" : segment.toLowerCase() !== expected.toLowerCase())
      return undefined;
    met.push(expected.startsWith(":") ? segment : expected);
  }
  return segments.length === pattern.length ? met : undefined;
}
