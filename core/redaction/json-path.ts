/**
 * The paths of `redact.json`, a small part of JSONPath (RFC 9535): `$` the whole, `.name` or `['name']` a key, `[2]` an
 * element, `.*` or `[*]` each of them, `..name` a key at any depth below.
 */
export type PathStep =
  | { readonly type: "key"; readonly name: string }
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "any" }
  | { readonly type: "deep"; readonly name: string };

export type JsonPath = readonly PathStep[];

/** Where a value is: keys and indexes from the outermost on. */
export type KeyPath = readonly (string | number)[];

const STEP_PATTERN =
  /\.\.(?<deep>[\w$-]+)|\.(?<key>[\w$-]+)|\[(?<index>\d{1,9})\]|\[(?<quote>['"])(?<quoted>[^'"]+)\k<quote>\]|(?<any>\.\*|\[\*\])/y;

/** @returns undefined for what is no such path */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith("$") || text.length === 1) return undefined;
  const steps: PathStep[] = [];
  let at = 1;
  while (at < text.length) {
    STEP_PATTERN.lastIndex = at;
    const groups = STEP_PATTERN.exec(text)?.groups;
    if (groups === undefined) return undefined;
    at = STEP_PATTERN.lastIndex;
    steps.push(toStep(groups));
  }
  return steps;
}

function toStep({ deep, key, index, quoted }: Readonly<Record<string, string | undefined>>): PathStep {
  if (deep !== undefined) return { type: "deep", name: deep };
  if (index !== undefined) return { type: "index", index: Number(index) };
  const name = key ?? quoted;
  return name === undefined ? { type: "any" } : { type: "key", name };
}

/** Whether the path leads to exactly this place. */
export function leadsTo(path: JsonPath, place: KeyPath): boolean {
  // The steps that may come next: one pass over the place, however many `..` the path has.
  let states = new Set([0]);
  for (const part of place) {
    const next = new Set<number>();
    for (const state of states) {
      const step = path[state];
      if (step === undefined) continue;
      if (step.type === "deep") next.add(state);
      if (fits(step, part)) next.add(state + 1);
    }
    states = next;
    if (states.size === 0) return false;
  }
  return states.has(path.length);
}

function fits(step: PathStep, part: string | number): boolean {
  switch (step.type) {
    case "any":
      return true;
    case "index":
      return step.index === part;
    case "key":
    case "deep":
      return step.name === part;
  }
}

/** The key that a path ends with, elements aside; undefined when it has none. */
export function lastKey(path: JsonPath): string | undefined {
  const step = path.findLast(({ type }) => type === "key" || type === "deep");
  return step !== undefined && "name" in step ? step.name : undefined;
}
