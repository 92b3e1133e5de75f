/**
 * Members at the top level of a message, which a verdict's `set` and `remove` change where they stand: nothing of the message
 * is written anew for that.
 */

/** The name of the one such member that a JSONPath stands for; undefined when it may stand for something else. */
export function topLevelName(path: string): string | undefined {
  const [, plain, quoted] = TOP_LEVEL.exec(path) ?? [];
  return plain ?? quoted;
}

const TOP_LEVEL = /^\$(?:\.([\p{L}_][\p{L}\d_]*)|\['([^'\\]*)'\])$/u;

/** The names of all of these paths; undefined when one of them has none. */
export function topLevelNames(paths: readonly string[]): readonly string[] | undefined {
  const names = paths.map(topLevelName).filter((name) => name !== undefined);
  return names.length === paths.length ? names : undefined;
}

interface Parsed {
  /** Undefined for other JSON, which has none. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
}

/** Undefined when it is no JSON. */
export function parseTopLevel(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return { members: isObject ? (value as Record<string, unknown>) : undefined };
  } catch {
    return undefined;
  }
}
