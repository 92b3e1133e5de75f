import type { FilterTerm } from "../columns/column.ts";

/** The filter with one more condition: that a field has this value, or that it has not. */
export function withTerm(filter: string, { field, value }: FilterTerm, isExcluded = false): string {
  const term = `${isExcluded ? "!" : ""}${field}:${quotedValue(value)}`;
  const given = filter.trim();
  if (given === "") return term;
  if (conditionsOf(given).includes(term)) return given;
  // A condition beside others binds more closely than what is between them.
  return /\||\sor\s/i.test(given) ? `(${given}) ${term}` : `${given} ${term}`;
}

function conditionsOf(filter: string): readonly string[] {
  return filter.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
}

/** In quotes unless it is plain: what has a meaning in filters has none there. */
function quotedValue(value: string): string {
  return /^[\w./@:?=&%+,-]+$/.test(value) && !/^\/.*\/[ims]*$/.test(value) && !/^[<>=:]/.test(value)
    ? value
    : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
