import type { FilterHelp } from "../../../../core/admin/api/traffic/filter-schema.ts";

/** What the gateway said of a filter, and of which: somebody may have written on since. */
export interface FilterAnswer {
  readonly filter: string;
  readonly help: FilterHelp;
}

/** What a suggestion replaces, in what stands there now. */
export type FittingSuggestions = Pick<FilterHelp, "from" | "to" | "suggestions">;

/** Of what was suggested, what goes on from what is written now. */
export function fittingSuggestions({ filter, help }: FilterAnswer, text: string): FittingSuggestions {
  const { from, to, suggestions } = help;
  if (text === filter) return { from, to, suggestions };
  const [before, after] = [filter.slice(0, from), filter.slice(to)];
  const end = text.length - after.length;
  if (end < from || !text.startsWith(before) || !text.endsWith(after)) return { from, to, suggestions: [] };
  const written = text.slice(from, end).toLowerCase();
  const fitting = suggestions.filter((each) => each.text.toLowerCase().startsWith(written));
  return { from, to: end, suggestions: fitting };
}
