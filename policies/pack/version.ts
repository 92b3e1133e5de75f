/** Semantic versions (semver.org), as much as packs need: no build metadata in comparisons, ranges without `||`. */
interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly string[];
}

const VERSION = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Below 0 when `a` comes before `b`. Both must be versions. */
export function compareVersions(a: string, b: string): number {
  return compare(parse(a)!, parse(b)!);
}

/** Whether the range is one of `1.2.3`, `^1.2.3`, `~1.2.3`, or comparisons such as `>=1.2.0 <2.0.0`. */
export function isRange(range: string): boolean {
  return boundsOf(range) !== undefined;
}

export function satisfies(version: string, range: string): boolean {
  const parsed = parse(version);
  const bounds = boundsOf(range);
  if (parsed === undefined || bounds === undefined) return false;
  return bounds.every((holds) => holds(parsed));
}

type Bound = (version: Version) => boolean;

function boundsOf(range: string): Bound[] | undefined {
  const bounds: Bound[] = [];
  for (const part of range.trim().split(/\s+/)) {
    const [, operator = "", text = ""] = /^(\^|~|>=|<=|>|<|=)?(.*)$/.exec(part)!;
    const version = parse(text);
    if (!version) return undefined;
    bounds.push((other) => holds(operator, other, version));
  }
  return bounds;
}

function holds(operator: string, version: Version, bound: Version): boolean {
  const order = compare(version, bound);
  switch (operator) {
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case "^":
      return order >= 0 && firstDifference(version, bound) > leftmostNonZero(bound);
    case "~":
      return order >= 0 && firstDifference(version, bound) > 1;
    default:
      return order === 0;
  }
}

/** `^0.2.3` holds for 0.2.x: the leftmost number that is not 0 must stay. */
function leftmostNonZero({ numbers }: Version): number {
  const index = numbers.findIndex((number) => number !== 0);
  return index === -1 ? 2 : index;
}

function firstDifference(a: Version, b: Version): number {
  const index = a.numbers.findIndex((number, i) => number !== b.numbers[i]);
  return index === -1 ? 3 : index;
}

function parse(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    prerelease: match[4]?.split(".") ?? [],
  };
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! - b.numbers[i]!;
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const order = compareParts(a.prerelease[i], b.prerelease[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : 1;
}
