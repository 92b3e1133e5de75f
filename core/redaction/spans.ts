/** A part of a text that must not be shown, as offsets, and what stands in its place. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export const REDACTED = "[redacted]";

/** In the place of a JSON value that is no string. */
export const QUOTED_REDACTED = '"[redacted]"';

/** What is shown in the place of a secret. */
export type SecretMark = (secret: string) => string;

/** In the order of the text; parts that overlap are one, with the replacement of the one that begins first. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
  }
  return merged;
}

/** @param spans merged */
export function replaceSpans(text: string, spans: readonly Span[], from = 0): string {
  const parts: string[] = [];
  let at = from;
  for (const { start, end, replacement } of spans) {
    if (end <= from) continue;
    parts.push(text.slice(at, Math.max(start, from)), replacement);
    at = end;
  }
  return parts.join("") + text.slice(at);
}
