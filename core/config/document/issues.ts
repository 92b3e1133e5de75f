import type { z } from "zod";
import { showValue } from "../../../policies/shown-value.ts";
import { suggestName } from "../../../sandbox/suggestion.ts";
import type { ConfigProblem } from "../errors.ts";

type Issue = z.core.$ZodIssue;

/** A problem, and what it says of others. */
interface Described extends ConfigProblem {
  readonly isMissing?: boolean;
  /** The option that a misspelt one was meant to be. */
  readonly meant?: string;
}

/**
 * zod's issues as problems worded for the one who wrote the config, in the order of the file. What is missing because its name
 * is misspelt is told once, by that name.
 */
export function describeIssues(issues: readonly Issue[], input: unknown): ConfigProblem[] {
  const described = issues.flatMap((issue) => describeIssue(issue, [], input));
  const meant = new Set(described.map((problem) => problem.meant));
  return described
    .filter(({ path, isMissing }) => isMissing !== true || !meant.has(path))
    .map(({ path, message }) => ({ path, message }));
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

function describeIssue(issue: Issue, base: readonly PropertyKey[], input: unknown): Described[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => {
      const near = suggestName(key, known);
      return {
        path: formatPath([...path, key]),
        message: describeUnknownKey(key, known),
        ...(near !== undefined && { meant: formatPath([...path, near]) }),
      };
    });
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find(isAboutAPart);
    if (meant !== undefined) return meant.flatMap((part) => describeIssue(part, path, input));
  }
  const value = valueAt(input, path);
  const message = `expected ${issue.message}, ${describeAt(path, value)}`;
  return [{ path: formatPath(path), message, isMissing: value === undefined }];
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
