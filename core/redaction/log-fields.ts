import type { RedactionRules } from "./rules.ts";
import { REDACTED } from "./spans.ts";

/** The fields of a log line with their secrets hidden: at any depth, and however headers are held. */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  rules: RedactionRules,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      rules.isSecretHeader(name) || rules.isSecretKey(name) ? REDACTED : redactValue(value, rules),
    ]),
  );
}

function redactValue(value: unknown, rules: RedactionRules): unknown {
  if (typeof value === "string") return rules.redactUrl(value);
  if (Array.isArray(value)) return redactList(value, rules);
  return isPlainObject(value) ? redactFields(value, rules) : value;
}

/** Also a list of names and values, as in `rawHeaders`, and each pair of a list of pairs. */
function redactList(list: readonly unknown[], rules: RedactionRules): unknown[] {
  return list.map((item, index) => {
    const name = list[index - 1];
    return typeof name === "string" && rules.isSecretHeader(name) ? REDACTED : redactValue(item, rules);
  });
}

/** Errors and other class instances are left to the logger's own serialisers. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
