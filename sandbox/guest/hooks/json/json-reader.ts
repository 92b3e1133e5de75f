import { parseJson } from "../../globals/json.ts";
import { findLargeMembers, type LargeMember } from "./large-members.ts";
import { UnreadValue } from "./unread-value.ts";

/** A member of a message that its policy got unread: what it got, and the value's place in the text. */
export interface UnreadMember extends LargeMember {
  readonly unread: UnreadValue;
}

/**
 * Parses the messages of one hook. Large members of large messages are left unread until somebody asks; those of a name that
 * somebody has asked for are parsed at once from then on, so that a policy that reads them pays once.
 */
export class JsonReader {
  readonly #readNames = new Set<string>();
  /** In characters: grows with messages that were looked through in vain, and falls more slowly with the others. */
  #debt = 0;
  /** So many messages are parsed as a whole, for it has not paid to look through them. */
  #pause = 0;

  /** @param keep Takes what is left unread. @throws SyntaxError */
  read(text: string, keep: (members: readonly UnreadMember[]) => void): unknown {
    if (text.length < LARGE_TEXT || this.#readNames.size >= MAX_NAMES) return parseJson(text);
    if (this.#pause > 0) {
      this.#pause--;
      return parseJson(text);
    }
    const found = findLargeMembers(text);
    const members = found?.large.filter(({ name }) => !this.#readNames.has(name)) ?? [];
    if (
      found === undefined ||
      lengthOf(members) * 3 < text.length ||
      found.nested * LONG_PART < text.length
    ) {
      this.#miss(text);
      return parseJson(text);
    }
    const value = parseJson(withoutValues(text, members)) as Record<string, unknown>;
    // Of a name that is there twice the last counts, whichever that is.
    if (Object.keys(value).length !== found.count) {
      this.#miss(text);
      return parseJson(text);
    }
    this.#debt = Math.max(0, this.#debt - weightOf(text) / MISS);
    const unread = members.map((member) => this.#leaveUnread(text, member));
    for (const member of unread) value[member.name] = member.unread.value;
    keep(unread);
    return value;
  }

  #leaveUnread(text: string, { name, start, end }: LargeMember): UnreadMember {
    const own = text.slice(start, end);
    const onRead = () => this.#readNames.add(name);
    const unread = new UnreadValue(text.length < COPIED ? copyOf(own) : own, onRead);
    return { name, start, end, unread };
  }

  #miss(text: string): void {
    this.#debt += weightOf(text);
    if (this.#debt < MOST_DEBT) return;
    this.#debt = 0;
    this.#pause = PAUSE;
  }
}

/** Small ones count for more than they have, so that a few are enough. */
function weightOf(text: string): number {
  return Math.max(text.length, LEAST_WEIGHT);
}

function lengthOf(members: readonly LargeMember[]): number {
  let length = 0;
  for (const { start, end } of members) length += end - start;
  return length;
}

function withoutValues(text: string, members: readonly LargeMember[]): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of members) {
    rest += `${text.slice(at, start)}null`;
    at = end;
  }
  return rest + text.slice(at);
}

/** A slice is a view of all that came together, up to 96 KiB, and would keep that for as long as it is kept itself. */
function copyOf(slice: string): string {
  return ` ${slice}`.slice(1);
}

/** In characters. To look through less takes as long as to parse it. */
const LARGE_TEXT = 512;
/** In characters: a larger text is a good part of all that came together. */
const COPIED = 16_384;
const MAX_NAMES = 64;
/** In characters, for each object and list: text and space in long runs are parsed as soon as they are looked through. */
const LONG_PART = 256;
const LEAST_WEIGHT = 8 * 1024;
/** What one in vain counts, in others of its length. */
const MISS = 8;
const MOST_DEBT = 64 * 1024;
const PAUSE = 1000;
