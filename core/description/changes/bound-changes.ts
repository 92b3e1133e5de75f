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
  const before = old[keyword];
  const after = now[keyword];
  if (before === after) return [];
  if (typeof after !== "number") return [compatible(place, `\`${keyword}\` is gone, was ${before}`)];
  const text = `\`${keyword}\` is ${after} now${before === undefined ? "" : `, was ${before}`}`;
  const isWider = typeof before === "number" && (LOWEST.includes(keyword) ? after < before : after > before);
  return [isWider ? compatible(place, text) : breaking(place, text)];
}
