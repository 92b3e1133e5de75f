import { REFUSED, skipName, skipSpace, skipString, skipValue } from "./json-scan.ts";

/** A member at the top of a JSON object whose value is a large object or list: its place in the text. */
export interface LargeMember {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface FoundMembers {
  readonly large: readonly LargeMember[];
  /** Of all members. */
  readonly count: number;
  /** Objects and lists in all of it. */
  readonly nested: number;
}

/** @returns undefined for all that is better parsed as a whole: what is no JSON object, has many members, or unusual names */
export function findLargeMembers(text: string): FoundMembers | undefined {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== BRACE_OPEN) return undefined;
  const large: LargeMember[] = [];
  const tally = { nested: 0 };
  for (let count = 1; count <= MAX_MEMBERS; count++) {
    const nameAt = skipSpace(text, at + 1);
    const start = skipName(text, nameAt);
    if (start === REFUSED) return undefined;
    const end = skipValue(text, start, tally);
    if (end === REFUSED) return undefined;
    const first = text.charCodeAt(start);
    if (end - start >= LARGE && (first === BRACE_OPEN || first === BRACKET_OPEN)) {
      const name = text.slice(nameAt + 1, skipString(text, nameAt) - 1);
      if (name.includes("\\") || name === "__proto__") return undefined;
      large.push({ name, start, end });
    }
    at = skipSpace(text, end);
    const unit = text.charCodeAt(at);
    if (unit === BRACE_CLOSE)
      return skipSpace(text, at + 1) === text.length ? { large, count, nested: tally.nested } : undefined;
    if (unit !== COMMA) return undefined;
  }
  return undefined;
}

/** To look at each takes longer than to parse a small one. */
const MAX_MEMBERS = 32;
/** In characters: what is smaller is as soon parsed. */
const LARGE = 200;

const COMMA = 0x2c;
const BRACKET_OPEN = 0x5b;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
