import fc from "fast-check";

/** JSON as other programs write it: space anywhere, escapes that need not be, numbers in many forms, names that come twice. */

export interface WrittenMember {
  /** With its quotes. */
  readonly key: string;
  readonly value: string;
}

const space = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 3 }) },
);

const HARD = ['"', "\\", "\u0000", "\u001f", "\n"];

/** One UTF-16 unit as an escape. */
const escapeUnit = (unit: number) => `\\u${unit.toString(16).padStart(4, "0")}`;

/** Also a half of a surrogate pair is written so, which UTF-8 has no bytes for. */
function escapeAll(text: string): string {
  return Array.from({ length: text.length }, (_, at) => escapeUnit(text.charCodeAt(at))).join("");
}

const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "type", "order", "é", "€", "😀", "\u2028", "\u007f") },
  { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(...HARD) },
);

const unit = fc
  .tuple(character, fc.nat(2))
  .map(([text, how]) => (how === 0 ? escapeAll(text) : JSON.stringify(text).slice(1, -1)));

const oddUnits = fc.constantFrom("\\/", "\\b", "\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\u00E9", "/");

/** A string, with its quotes. */
export function writtenString(...likely: readonly string[]): fc.Arbitrary<string> {
  const free = fc
    .array(fc.oneof({ weight: 4, arbitrary: unit }, { weight: 1, arbitrary: oddUnits }), { maxLength: 4 })
    .map((units) => `"${units.join("")}"`);
  if (likely.length === 0) return free;
  const known = fc
    .tuple(fc.constantFrom(...likely), fc.nat(40))
    .map(([text, at]) => `"${JSON.stringify(text.slice(0, at)).slice(1, -1)}${escapeAll(text.slice(at))}"`);
  return fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: free });
}

/**
 * No escaped backslash is in it, and so in none of its names. After an object with a backslash in a name V8 13.6 reads an
 * escaped name wrongly that begins like that one (`\/` as `\`, where `\` was before it): what it says of names can be compared
 * with where a process parses no such object.
 */
export function isReadRightly(text: string): boolean {
  return !/\\\\|\\u005c/i.test(text);
}

/** The name of a member. */
export function writtenName(...likely: readonly string[]): fc.Arbitrary<string> {
  return writtenString(...likely).filter(isReadRightly);
}

export const writtenNumber = fc.oneof(
  fc.constantFrom("0", "-0", "0.0", "-0e0", "1", "1.0", "1e0", "1E+0", "10e-1", "0.1e1", "1e400", "-1e-400"),
  fc.constantFrom("1.00000000000000000001", "9007199254740993", "9007199254740992"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);

const scalar = fc.oneof(
  writtenString(),
  writtenNumber,
  fc.constantFrom("true", "false", "null", "[]", "{}", "[ ]", "{\n}"),
);

const { value: deep } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    scalar,
    fc.array(fc.tuple(space, tie("value"), space), { maxLength: 3 }).map(writeList),
    fc
      .array(fc.tuple(fc.tuple(space, writtenName("a", "type"), space), tie("value"), space), {
        maxLength: 3,
      })
      .map(
        (members) =>
          `{${members.map(([[before, key, after], value, end]) => `${before}${key}${after}:${value}${end}`).join(",")}}`,
      ),
  ),
}));

function writeList(items: readonly (readonly string[])[]): string {
  return `[${items.map((parts) => parts.join("")).join(",")}]`;
}

/** More than code that calls itself can go. */
const nested = fc
  .tuple(fc.constantFrom(31, 32, 33, 63, 64, 65, 100, 20_000), fc.constantFrom("[]", "{}", "[{}]"))
  .map(([levels, kind]) => {
    if (kind === "[]") return `${"[".repeat(levels)}${"]".repeat(levels)}`;
    if (kind === "{}") return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    return `${'[{"a":'.repeat(levels)}1${"}]".repeat(levels)}`;
  });

export const writtenValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: deep },
  { weight: 1, arbitrary: nested },
);

/** Members in order, and the object that they are in. */
export function writtenObject(
  key: fc.Arbitrary<string> = writtenName("a", "b", "type"),
  value: fc.Arbitrary<string> = writtenValue,
): fc.Arbitrary<{ readonly members: readonly WrittenMember[]; readonly text: string }> {
  const member = fc.record({ key, value, spaces: fc.tuple(space, space, space, space) });
  return fc
    .tuple(fc.array(member, { maxLength: 5 }), space, space, space)
    .map(([members, start, empty, end]) => {
      const inside = members.map(({ key, value, spaces: [a, b, c, d] }) => `${a}${key}${b}:${c}${value}${d}`);
      return { members, text: `${start}{${inside.length === 0 ? empty : inside.join(",")}}${end}` };
    });
}

const SYNTAX = ["{", "}", "[", "]", ",", ":", '"', "\\", "0", "1", "-", "+", ".", "e", "E", "t", "u", " "];
const MORE_SYNTAX = ["\u0000", "\u001f", "\u00a0", "\ufeff", "null", "true", "'", "//", "NaN", "\\x"];

/** The text with a few characters taken out, put in, or doubled: sometimes still JSON. */
export function nearlyWritten(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...SYNTAX, ...MORE_SYNTAX));
  const edited = fc.tuple(text, fc.array(edit, { maxLength: 2 })).map(([whole, edits]) =>
    edits.reduce((so, [place, taken, put]) => {
      const at = place % (so.length + 1);
      return so.slice(0, at) + put + so.slice(at + taken);
    }, whole),
  );
  return edited.filter(isReadRightly);
}

/** Undefined for other JSON, and for what is none. */
export function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
