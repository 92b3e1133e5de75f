import { MAX_EXCERPTS, writeExcerpt } from "../../../wire/excerpts.ts";
import { utf8Length } from "../../globals/text.ts";
import type { WaitingCall } from "../seat.ts";
import type { UnreadMember } from "./json-reader.ts";

const { stringify } = JSON;
const { getPrototypeOf, keys } = Object;
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };

/**
 * The text of a new body, in which members that are unread still, of the message that it takes the place of, stand as
 * excerpts; else it is what JSON.stringify makes of it, to the character.
 *
 * @returns undefined when it is better serialised as a whole
 */
export function writeWithExcerpts(body: unknown, call: WaitingCall, maxBytes: number): string | undefined {
  const { unread } = call;
  if (unread === undefined || !unread.some((member) => member.unread.isUnread)) return undefined;
  if (typeof body !== "object" || body === null || isRawJSON(body)) return undefined;
  try {
    // What else there is has a way of its own to be serialised.
    const prototype = getPrototypeOf(body);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    return write(body as Readonly<Record<string, unknown>>, call, maxBytes);
  } catch {
    // What is wrong is said of the whole.
    return undefined;
  }
}

function write(
  body: Readonly<Record<string, unknown>>,
  { body: message, unread, length }: WaitingCall,
  maxBytes: number,
): string | undefined {
  if (typeof body.toJSON === "function") return undefined;
  const names = keys(body);
  if (names.length > MAX_EXCERPTS) return undefined;
  const places = new Places(message as string, length);
  let text = "";
  for (const name of names) {
    const value = body[name];
    const member = findUnread(unread as readonly UnreadMember[], value);
    if (member !== undefined) text += `,${stringify(name)}:${places.write(member)}`;
    else if (typeof value === "string") text += `,${stringify(name)}:${stringify(value)}`;
    else {
      // With its name, which a `toJSON` is told.
      const one = stringify({ [name]: value });
      if (one !== "{}") text += `,${one.slice(1, -1)}`;
    }
  }
  if (text.length * 3 + places.bytes > maxBytes && utf8Length(text) + places.bytes > maxBytes)
    return undefined;
  return `{${text.slice(1)}}`;
}

function findUnread(members: readonly UnreadMember[], value: unknown): UnreadMember | undefined {
  if (typeof value !== "object") return undefined;
  for (const member of members) if (member.unread.value === value && member.unread.isUnread) return member;
  return undefined;
}

/** From places in the text to places in its bytes. */
class Places {
  /** Of all excerpts. */
  bytes = 0;
  readonly #text: string;
  readonly #isAscii: boolean;
  /** The place that was asked for last, in both. */
  #unit = 0;
  #byte = 0;

  constructor(text: string, length: number) {
    this.#text = text;
    this.#isAscii = text.length === length;
  }

  write({ start, end }: UnreadMember): string {
    const from = this.#byteOf(start);
    const to = this.#byteOf(end);
    this.bytes += to - from;
    return writeExcerpt(from, to);
  }

  #byteOf(unit: number): number {
    if (this.#isAscii) return unit;
    if (unit < this.#unit) this.#unit = this.#byte = 0;
    this.#byte += utf8Length(this.#text.slice(this.#unit, unit));
    this.#unit = unit;
    return this.#byte;
  }
}
