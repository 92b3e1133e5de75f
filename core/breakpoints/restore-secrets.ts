import type { RedactionRules } from "../redaction/rules.ts";
import { QUOTED_REDACTED, REDACTED, type Span } from "../redaction/spans.ts";
import { placesIn } from "./text-places.ts";

/**
 * A text that was edited as it is shown, with what is hidden in it put back: the first mark is that of the first secret. So whoever edits a
 * message never sees what is hidden, and does not lose it either. A secret that the edit would take to another place is not put back: where
 * nobody hides it, readers would see it, and elsewhere it would be taken for another.
 *
 * @returns undefined when the marks are not those of the text: nobody can say what they stand for
 */
export function restoreSecrets(
  edited: string,
  original: string,
  rules: Pick<RedactionRules, "findSecrets">,
): string | undefined {
  const marks = edited.split(REDACTED).length - 1;
  if (marks === 0) return edited;
  const spans = rules.findSecrets(original);
  const isKnown = spans.every(
    ({ replacement }) => replacement === REDACTED || replacement === QUOTED_REDACTED,
  );
  if (spans.length !== marks || !isKnown) return undefined;
  const restored = putBack(edited, original, spans);
  if (restored === undefined) return undefined;
  const found = new Set(rules.findSecrets(restored.text).map(({ start, end }) => `${start}-${end}`));
  const before = placesIn(original, startsOf(spans));
  const after = placesIn(restored.text, startsOf(restored.spans));
  const isInPlace = restored.spans.every(
    ({ start, end }, index) => found.has(`${start}-${end}`) && before[index] === after[index],
  );
  return isInPlace ? restored.text : undefined;
}

/** @returns with where the secrets stand now; undefined when a mark is not that of its secret */
function putBack(
  edited: string,
  original: string,
  spans: readonly Span[],
): { readonly text: string; readonly spans: readonly Span[] } | undefined {
  let text = "";
  let from = 0;
  const places: Span[] = [];
  for (const { start, end, replacement } of spans) {
    const quotes = replacement === REDACTED ? 0 : 1;
    const at = edited.indexOf(REDACTED, from) - quotes;
    if (at < from || !edited.startsWith(replacement, at)) return undefined;
    text += edited.slice(from, at);
    places.push({ start: text.length, end: text.length + end - start, replacement });
    text += original.slice(start, end);
    from = at + replacement.length;
  }
  return { text: text + edited.slice(from), spans: places };
}

function startsOf(spans: readonly Span[]): number[] {
  return spans.map(({ start }) => start);
}
