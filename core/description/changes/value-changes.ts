import { breaking, type Change, compatible } from "./change.ts";

type Schema = Readonly<Record<string, unknown>>;

const ALL_TYPES = ["null", "boolean", "object", "array", "string", "number", "integer"];

export function typeChanges(old: Schema, now: Schema, place: string): Change[] {
  const before = typesOf(old);
  const after = typesOf(now);
  const gone = before.filter((type) => !after.includes(type));
  const come = after.filter((type) => !before.includes(type));
  if (gone.length === 0 && come.length === 0) return [];
  const text = `must be ${wordTypes(after)} now, was ${wordTypes(before)}`;
  return [gone.length > 0 ? breaking(place, text) : compatible(place, text)];
}

/** Every integer is a number. */
function typesOf({ type }: Schema): readonly string[] {
  if (type === undefined) return ALL_TYPES;
  const types = [type].flat().map(String);
  return types.includes("number") && !types.includes("integer") ? [...types, "integer"] : types;
}

function wordTypes(types: readonly string[]): string {
  if (types.length === ALL_TYPES.length) return "anything";
  return types.filter((type) => type !== "integer" || !types.includes("number")).join(" or ");
}

/** `const` and `enum`. */
export function valueChanges(old: Schema, now: Schema, place: string): Change[] {
  const before = valuesOf(old);
  const after = valuesOf(now);
  if (after === undefined)
    return before === undefined ? [] : [compatible(place, `need not be ${listOf(before)} any more`)];
  if (before === undefined) return [breaking(place, `must be ${listOf(after)} now`)];
  const gone = before.filter((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value));
  return [
    ...(gone.length === 0 ? [] : [breaking(place, `may not be ${gone.join(" or ")} any more`)]),
    ...(come.length === 0 ? [] : [compatible(place, `may be ${come.join(" or ")} now`)]),
  ];
}

function valuesOf(schema: Schema): readonly string[] | undefined {
  const values = "const" in schema ? [schema.const] : schema.enum;
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : undefined;
}

function listOf(values: readonly string[]): string {
  return values.join(" or ");
}
