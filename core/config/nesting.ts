import { formatPath } from "./document/issues.ts";
import type { ConfigProblem } from "./errors.ts";

/** Deeper than any config has a reason to be; the schemas of options are the deepest there is. */
const MAX_LEVELS = 100;
/** Of the place, in a message. */
const SHOWN_LEVELS = 5;

/**
 * Whether a config nests without an end: YAML's aliases and TypeScript can make a value that holds itself, and any format
 * one so deep that it cannot be sent to a worker.
 */
export function findEndlessNesting(input: unknown): ConfigProblem[] {
  const path = findDeep(input, [], new Map());
  if (path === undefined) return [];
  const shown = formatPath(path.slice(0, SHOWN_LEVELS));
  const message = `expected at most ${MAX_LEVELS} levels of lists and objects, but it goes deeper, or holds itself`;
  return [{ path: shown, message }];
}

/** @param looked the values that nothing was found in, by how many levels were above them: one can stand at many places */
function findDeep(
  value: unknown,
  path: readonly PropertyKey[],
  looked: Map<object, number>,
): readonly PropertyKey[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (path.length >= MAX_LEVELS) return path;
  if ((looked.get(value) ?? -1) >= path.length) return undefined;
  looked.set(value, path.length);
  for (const [key, part] of Object.entries(value)) {
    const found = findDeep(part, [...path, Array.isArray(value) ? Number(key) : key], looked);
    if (found !== undefined) return found;
  }
  return undefined;
}
