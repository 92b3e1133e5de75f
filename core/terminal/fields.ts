import { isObject } from "../../policies/is-object.ts";
import { showDuration } from "./duration.ts";

/** What a line says besides its text, `name=value` each, without what holds nothing. */
export function showFields(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (isNothing(value)) return [];
    if (name.endsWith("Ms") && typeof value === "number")
      return [`${name.slice(0, -2)}=${showDuration(value).replace(" ", "")}`];
    return [`${name}=${showValue(value)}`];
  });
}

function showValue(value: unknown): string {
  if (typeof value === "string" && DIGEST.test(value)) return value.replace(DIGEST, "$1$2…");
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.map(showValue).join(",");
  if (!isObject(value)) return String(value);
  return `{${showFields(value).join(" ")}}`;
}

/** Nobody reads more of one than tells it from others. */
const DIGEST = /^(\w+:)?([0-9a-f]{12})[0-9a-f]{28,}$/;

function isNothing(value: unknown): boolean {
  if (value === "" || value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isNothing);
}
