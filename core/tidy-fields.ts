import { isObject } from "../policies/is-object.ts";

/** The fields of a line for people: without those that hold nothing, and times to a tenth of a millisecond. */
export function tidyFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const tidy = tidyValue(name, value);
      return isNothing(tidy) ? [] : [[name, tidy]];
    }),
  );
}

function tidyValue(name: string, value: unknown): unknown {
  if (typeof value === "number" && name.endsWith("Ms")) return Math.round(value * 10) / 10;
  return isPlain(value) ? tidyFields(value) : value;
}

function isNothing(value: unknown): boolean {
  if (value === "" || value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlain(value) && Object.keys(value).length === 0;
}

/** An error, and what else has a form of its own, is left as it is. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype;
}
