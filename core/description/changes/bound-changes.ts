import { breaking, type Change, compatible } from "./change.ts";

type Schema = Readonly<Record<string, unknown>>;

const LOWEST = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const HIGHEST = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/** Numbers that values, lengths and counts may have. */
export function boundChanges(old: Schema, now: Schema, place: string): Change[] {
  return [
    ...LOWEST.flatMap((keyword) => boundChange(keyword, old, now, place)),
    ...HIGHEST.flatMap((keyword) => boundChange(keyword, old, now, place)),
  ];
}

function boundChange(keyword: string, old: Schema, now: Schema, place: string): Change[] {
  const before = numberIn(old[keyword]);
  const after = numberIn(now[keyword]);
  if (before === after) return [];
  if (after === undefined) return [compatible(place, `\`${keyword}\` is gone, was ${before}`)];
  if (before === undefined) return [breaking(place, `\`${keyword}\` is ${after} now`)];
  const text = `\`${keyword}\` is ${after} now, was ${before}`;
  const isWider = LOWEST.includes(keyword) ? after < before : after > before;
  return [isWider ? compatible(place, text) : breaking(place, text)];
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
