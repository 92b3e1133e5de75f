import { MAX_EXCERPTS, writeExcerpt } from "../../../wire/excerpts.ts";
import { utf8Length } from "../../globals/text.ts";
import type { WaitingCall } from "../seat.ts";
import type { UnreadMember } from "./json-reader.ts";

const { stringify } = JSON;
const { getPrototypeOf, hasOwn, keys } = Object;
const { isArray } = Array;
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };

export interface WrittenBody {
  readonly text: string;
  readonly hasExcerpts: boolean;
}

/**
 * The text of a new body, in which members that are unread still, of the message that it takes the place of, stand as
 * excerpts; else it is what JSON.stringify makes of it, to the character.
 *
 * @returns undefined when it is to be serialised as any other: nothing of it has been asked for then
 * @throws what JSON.stringify would: all of a body runs once
 */
export function writeWithExcerpts(
  body: unknown,
  call: WaitingCall,
  maxBytes: number,
): WrittenBody | undefined {
  const { unread } = call;
  if (unread === undefined || !unread.some((member) => member.unread.isUnread)) return undefined;
  if (typeof body !== "object" || body === null || isArray(body) || isRawJSON(body)) return undefined;
  // What else there is has a way of its own to be serialised.
  const prototype = getPrototypeOf(body);
  if ((prototype !== Object.prototype && prototype !== null) || hasOwn(body, "toJSON")) return undefined;
  const names = keys(body);
  if (names.length > MAX_EXCERPTS) return undefined;
  const parts = writeMembers(body as Readonly<Record<string, unknown>>, names, unread);
  const places = new Places(call.body as string, call.length);
  let text = "";
  // Only now: what else is in the body may have looked into them.
  for (const part of parts)
    text += typeof part !== "string" && part.unread.isUnread ? places.write(part) : written(part);
  if (places.bytes === 0) return { text, hasExcerpts: false };
  if (text.length * 3 + places.bytes <= maxBytes || utf8Length(text) + places.bytes <= maxBytes)
    return { text, hasExcerpts: true };
  return { text: parts.map(written).join(""), hasExcerpts: false };
}

/** The text of the body, with members in the place of those that may stand as excerpts. */
function writeMembers(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
  unread: readonly UnreadMember[],
): readonly (string | UnreadMember)[] {
  const parts: (string | UnreadMember)[] = [];
  let text = "";
  const comma = () => (text === "" && parts.length === 0 ? "{" : ",");
  for (const name of names) {
    const value = body[name];
    const member = findUnread(unread, value);
    if (member !== undefined) {
      parts.push(`${text}${comma()}${stringify(name)}:`, member);
      text = "";
    } else if (typeof value === "string") text += `${comma()}${stringify(name)}:${stringify(value)}`;
    else {
      // With its name, which a `toJSON` is told.
      const one = stringify({ [name]: value });
      if (one !== "{}") text += `${comma()}${one.slice(1, -1)}`;
    }
  }
  parts.push(comma() === "{" ? "{}" : `${text}}`);
  return parts;
}

function written(part: string | UnreadMember): string {
  return typeof part === "string" ? part : stringify(part.unread.value);
}

function findUnread(members: readonly UnreadMember[], value: unknown): UnreadMember | undefined {
  if (typeof value !== "object") return undefined;
  for (const member of members) if (member.unread.value === value && member.unread.isUnread) return member;
  return undefined;
}

/** Of the message's text. */
class Places {
  /** Of all excerpts, at most. */
  bytes = 0;
  readonly #isAscii: boolean;
  /** By so much is the message longer in bytes than in UTF-16 units. */
  readonly #more: number;

  constructor(text: string, length: number) {
    this.#more = length - text.length;
    this.#isAscii = this.#more === 0;
  }

  write({ start, end }: UnreadMember): string {
    const units = end - start;
    this.bytes += units + Math.min(units * 2, this.#more);
    return writeExcerpt(start, end, !this.#isAscii);
  }
}
