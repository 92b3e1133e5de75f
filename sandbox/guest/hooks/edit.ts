import { utf8Length } from "../globals/text.ts";
import { describe, lengthOf } from "./plain-json.ts";
import { checkPlainObject, expected, serialise, tooLarge, VerdictError } from "./verdict-error.ts";

/** In words of errors. */
const BOTH = "content.set` and `content.remove";
const JSON_VALUE = "a value that JSON can hold, or undefined";

/**
 * The text of an edit (`edit` of a `WireMessageVerdict`). Of the values of `set` it has what JSON.stringify makes of them,
 * and of undefined that makes nothing: such a member is removed, so that what a policy does not know is not what the
 * sender says that it is.
 */
export function encodeEdit(set: unknown, remove: unknown, isBinary: boolean, maxBytes: number): string {
  if (isBinary) throw new VerdictError(`expected \`${BOTH}\` to be for a text message, got a binary one`);
  const names = new Set<string>();
  let members = "";
  if (set !== undefined) {
    checkPlainObject(set, "content.set", "members to set");
    for (const name of Object.keys(set as object)) {
      const value = (set as Readonly<Record<string, unknown>>)[name];
      members +=
        value === undefined
          ? removal(name)
          : `,${nameOf("+", name)}:${serialise(`content.set.${name.slice(0, 60)}`, JSON_VALUE, value)}`;
      if (remove !== undefined) names.add(name);
    }
  }
  if (remove !== undefined) {
    for (const name of readNames(remove)) {
      if (names.has(name))
        throw new VerdictError(
          `expected \`${BOTH}\` to name different members, got ${describe(name)} in both`,
        );
      members += removal(name);
    }
  }
  const text = `{${members.slice(1)}}`;
  if (text.length * 3 > maxBytes) checkLength(text, maxBytes);
  return text;
}

function readNames(remove: unknown): ReadonlySet<string> {
  if (!Array.isArray(remove)) throw expected("content.remove", "an array of names", remove);
  const names = new Set<string>();
  const length = lengthOf(remove, "content.remove");
  for (let i = 0; i < length; i++) {
    const name: unknown = remove[i];
    if (typeof name !== "string") throw expected(`content.remove[${i}]`, "a name", name);
    names.add(name);
  }
  return names;
}

function removal(name: string): string {
  return `,${nameOf("-", name)}:0`;
}

function nameOf(sign: "+" | "-", name: string): string {
  return JSON.stringify(sign + name);
}

function checkLength(text: string, maxBytes: number): void {
  const length = utf8Length(text);
  if (length > maxBytes) throw tooLarge(BOTH, length, maxBytes);
}
