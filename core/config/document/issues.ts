import type { z } from "zod";
import { showValue } from "../../../policies/shown-value.ts";
import { suggestName } from "../../../sandbox/suggestion.ts";
import type { ConfigProblem } from "../errors.ts";

type Issue = z.core.$ZodIssue;

/** zod's issues as problems worded for the one who wrote the config, in the order of the file. */
export function describeIssues(issues: readonly Issue[], input: unknown): ConfigProblem[] {
  return issues.flatMap((issue) => describeIssue(issue, [], input));
}

/** `["routes", 0, "use"]` → `routes[0].use`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return /^[\w$]+$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
    })
    .join("")
    .replace(/^\./, "");
}

function describeIssue(issue: Issue, base: readonly PropertyKey[], input: unknown): ConfigProblem[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      message: describeUnknownKey(key, known),
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find(isAboutAPart);
    if (meant !== undefined) return meant.flatMap((part) => describeIssue(part, path, input));
  }
  return [
    {
      path: formatPath(path),
      message: `expected ${issue.message}, ${describeAt(path, valueAt(input, path))}`,
    },
  ];
}

/** The alternative of a union whose outer shape fits, so that only something within it is wrong. */
function isAboutAPart(issues: readonly Issue[]): boolean {
  return issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys");
}

/** @param known the options that there are */
export function describeUnknownKey(key: string, known: readonly string[]): string {
  const suggestion = suggestName(key, known);
  if (suggestion !== undefined) return `unknown option; did you mean \`${suggestion}\`?`;
  const related = known.filter((name) => sharesWord(name, key));
  if (related.length > 0 && related.length <= MOST_RELATED)
    return `unknown option; did you mean ${related.map((name) => `\`${name}\``).join(" or ")}?`;
  return `unknown option; known here: ${known.filter((name) => !name.startsWith("$")).join(", ")}`;
}

const MOST_RELATED = 3;

/** `rateLimit` and `upgradeRate`; words of three letters, such as `max`, are in too many. */
function sharesWord(name: string, other: string): boolean {
  const words = wordsOf(other);
  return wordsOf(name).some((word) => word.length > 3 && words.includes(word));
}

function wordsOf(name: string): string[] {
  return name.split(/(?=[A-Z])|[-_ ]/).map((word) => word.toLowerCase());
}

function describeAt(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined) return "but it is missing";
  if (typeof value === "function") return "got a function";
  if (typeof value === "bigint" || typeof value === "symbol") return `got ${String(value)}`;
  if (value instanceof Date || value instanceof RegExp) return `got ${String(value)}`;
  return `got ${showValue(path, value)}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
