import { isObject } from "../../../policies/is-object.ts";
import type { ConfigProblem } from "../errors.ts";

/** A value that is shorter may stand in any message for other reasons. */
const MIN_LENGTH = 6;

/**
 * Problems as the author knows the config: a value that variables made is nobody's to see, and stands as it is written.
 *
 * @param given with the values, of the shape of `written`
 */
export function withoutFilled(
  problems: readonly ConfigProblem[],
  given: unknown,
  written: unknown,
): readonly ConfigProblem[] {
  const texts = [...filledTexts(given, written)].sort(([a], [b]) => b.length - a.length);
  return problems.map(({ path, message }) => ({ path, message: asWritten(message, texts) }));
}

function asWritten(text: string, texts: readonly (readonly [string, string])[]): string {
  return texts.reduce(
    (shown, [value, words]) =>
      shown.replaceAll(value, words).replaceAll(JSON.stringify(value).slice(1, -1), words),
    text,
  );
}

function* filledTexts(given: unknown, written: unknown): Generator<readonly [value: string, words: string]> {
  if (given === written) return;
  if (typeof written === "string" && (typeof given === "string" || typeof given === "number")) {
    const value = String(given);
    if (value.length >= MIN_LENGTH) yield [value, written];
  } else if (isObject(given) && isObject(written)) {
    for (const key of Object.keys(given)) yield* filledTexts(given[key], written[key]);
  } else if (Array.isArray(given) && Array.isArray(written)) {
    for (const [index, part] of given.entries()) yield* filledTexts(part, written[index]);
  }
}
