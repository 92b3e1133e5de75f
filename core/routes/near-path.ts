/** A longer one was not mistyped by somebody who will read the log, and would be dear to look at. */
export const MAX_NEAR_PATH = 256;

/** The segments of a path, or of a pattern, and the same in lower case: no request is to pay for the lower case of all routes. */
export interface CaseSegments {
  readonly segments: readonly string[];
  readonly lowered: readonly string[];
}

export function withLowered(segments: readonly string[]): CaseSegments {
  return { segments, lowered: segments.map((segment) => segment.toLowerCase()) };
}

/** What a path may have been meant to be: itself, and with a slash more or less at its end. */
export function nearReadings(segments: readonly string[]): readonly CaseSegments[] {
  const isFolder = segments.length > 1 && segments.at(-1) === "";
  const other = isFolder ? segments.slice(0, -1) : [...segments, ""];
  return [segments, other].map(withLowered);
}

/** What the first of these that meets a pattern, but for upper and lower case, would be for it. Undefined: none does. */
export function nearSegments(
  pattern: CaseSegments,
  readings: readonly CaseSegments[],
): readonly string[] | undefined {
  for (const reading of readings) {
    const met = meet(pattern, reading);
    if (met !== undefined) return met;
  }
  return undefined;
}

/** What of a path tells it from another that is near it, for the log. */
export function nameDifference(path: string, near: string): string {
  return path.toLowerCase() === near.toLowerCase()
    ? "upper and lower case count"
    : "the slash at the end counts";
}

function meet(pattern: CaseSegments, { segments, lowered }: CaseSegments): readonly string[] | undefined {
  const { length } = pattern.segments;
  const isOpen = pattern.segments[length - 1] === "*";
  if (isOpen ? segments.length < length : segments.length !== length) return undefined;
  const own = isOpen ? length - 1 : length;
  for (let index = 0; index < own; index++) {
    const isParameter = pattern.segments[index]!.startsWith(":");
    if (isParameter ? segments[index] === "" : pattern.lowered[index] !== lowered[index]) return undefined;
  }
  return segments.map((segment, index) => {
    const expected = index < own ? pattern.segments[index]! : ":";
    return expected.startsWith(":") ? segment : expected;
  });
}
