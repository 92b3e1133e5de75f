import type { RedactionRules } from "../redaction/rules.ts";
import { QUOTED_REDACTED, REDACTED } from "../redaction/spans.ts";

/**
 * A text that was edited as it is shown, with what is hidden in it put back: the first mark is that of the first secret. So whoever edits a
 * message never sees what is hidden, and does not lose it either.
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
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, replacement } of spans) {
    const at = edited.indexOf(REDACTED, from);
    const quotes = replacement === REDACTED ? 0 : 1;
    const markEnd = at + REDACTED.length + quotes;
    if (edited.slice(at - quotes, markEnd) !== replacement || at - quotes < from) return undefined;
    parts.push(edited.slice(from, at - quotes), original.slice(start, end));
    from = markEnd;
  }
  return parts.join("") + edited.slice(from);
}
