import { type FieldName, fieldNames, fieldOf, findFieldName } from "./fields.ts";
import { printFilterKey, printFilterValue } from "./print-filter.ts";
import { readFilterTokens, type TermToken } from "./tokens.ts";
import { isOrdered } from "./values.ts";

export interface FilterSuggestion {
  /** In place of what stands there. */
  readonly text: string;
  readonly says: string;
}

export interface FilterCompletion {
  /** What a suggestion replaces. */
  readonly from: number;
  readonly to: number;
  readonly suggestions: readonly FilterSuggestion[];
}

/** What there is at the moment, of a field: its values, or the names that it knows (`attribute.`, `header.`). */
export interface LiveValues {
  values(field: FieldName, key: string): readonly string[];
  keys(field: FieldName): readonly string[];
}

const MOST_SUGGESTIONS = 50;
const AMOUNTS: Readonly<Record<string, readonly string[]>> = {
  size: ["1KiB", "64KiB", "1MiB"],
  duration: ["1ms", "10ms", "100ms", "1s"],
  number: [],
};

/** What may stand where somebody writes. */
export function completeFilter(text: string, caret: number, live: LiveValues): FilterCompletion {
  const term = readFilterTokens(text).find(
    (token): token is TermToken => token.type === "term" && token.at < caret && caret <= token.end,
  );
  if (term?.field !== undefined && caret >= term.field.end) return completeValue(term, caret, live);
  const [from, to] = term === undefined ? [caret, caret] : [term.at, term.field?.end ?? term.end];
  const written = text.slice(from, caret);
  if (/["/]/.test(written[0] ?? "")) return { from, to, suggestions: [] };
  const [, field, key] = /^([a-z]+)\.(.*)$/is.exec(written) ?? [];
  const suggestions =
    field === undefined || key === undefined ? completeField(written) : completeKey(field, key, live);
  return { from, to, suggestions };
}

function completeField(written: string): readonly FilterSuggestion[] {
  return fitting(fieldNames, written).map((name) => {
    const { kind, hasKey, says } = fieldOf(name);
    const rest = hasKey === true ? "." : isOrdered(kind) && kind !== "number" ? ">" : ":";
    return { text: `${name}${rest}`, says };
  });
}

function completeKey(field: string, written: string, live: LiveValues): readonly FilterSuggestion[] {
  const name = findFieldName(field);
  if (name === undefined || fieldOf(name).hasKey !== true) return [];
  return fitting(live.keys(name), written)
    .slice(0, MOST_SUGGESTIONS)
    .map((key) => ({ text: `${name}.${printFilterKey(key)}:`, says: "" }));
}

function completeValue({ field, value }: TermToken, caret: number, live: LiveValues): FilterCompletion {
  const place = { from: value.at, to: value.end };
  const name = findFieldName(field?.name ?? "");
  if (field === undefined || name === undefined || value.type === "pattern")
    return { ...place, suggestions: [] };
  const { kind, values = [] } = fieldOf(name);
  const known = values.length > 0 ? values : [...(AMOUNTS[kind] ?? []), ...live.values(name, field.key)];
  const written = value.text.slice(0, Math.max(0, caret - value.at - (value.type === "quoted" ? 1 : 0)));
  const suggestions = fitting(known, written)
    .slice(0, MOST_SUGGESTIONS)
    .map((each) => ({ text: printFilterValue(each), says: "" }));
  return { ...place, suggestions };
}

/** Those that begin so, then those that have it elsewhere. */
function fitting<Text extends string>(known: readonly Text[], written: string): readonly Text[] {
  const wanted = written.toLowerCase();
  const begins = known.filter((each) => each.toLowerCase().startsWith(wanted));
  const has = known.filter((each) => !begins.includes(each) && each.toLowerCase().includes(wanted));
  return [...begins, ...has];
}
