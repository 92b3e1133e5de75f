import {
  EXCERPT_CLOSE,
  EXCERPT_CLOSE_UNITS,
  EXCERPT_COMMA,
  EXCERPT_OPEN,
  MAX_EXCERPTS,
} from "../../wire/excerpts.ts";
import { wrong } from "../../wire/shapes.ts";
import type { Edited } from "./edited-message.ts";

/**
 * A new body whose excerpts have become what they stand for: bytes of the message, from a character's first to another's
 * last, so that it is UTF-8 as those are.
 *
 * @throws HostNonsense
 */
export function fillExcerpts({ payload, allocate }: Edited, text: Buffer, maxBytes: number): Buffer {
  if (payload.binary) throw wrong("a message with excerpts", "text", undefined);
  // Each excerpt is of more bytes than it takes to say it.
  if (text.length > maxBytes)
    throw wrong("a body but for its excerpts", `at most ${maxBytes} bytes`, text.length);
  const message = payload.bytes;
  const first = readExcerpts(text, message);
  let { length } = text;
  for (let each = first; each !== undefined; each = each.next)
    length += each.to - each.from - (each.end - each.at);
  if (length > maxBytes) throw wrong("a body with its excerpts", `at most ${maxBytes} bytes`, length);
  const body = (allocate ?? Buffer.allocUnsafe)(length);
  let read = 0;
  let written = 0;
  for (let each = first; each !== undefined; each = each.next) {
    written += text.copy(body, written, read, each.at);
    body.set(message.subarray(each.from, each.to), written);
    written += each.to - each.from;
    read = each.end;
  }
  text.copy(body, written, read);
  return body;
}

/** It stands at `text[at..end)` for `message[from..to)`. There is most often one: a list would be twice as much to make. */
interface Excerpt {
  readonly at: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  next: Excerpt | undefined;
}

/** @returns the first */
function readExcerpts(text: Buffer, message: Uint8Array): Excerpt | undefined {
  let first: Excerpt | undefined;
  let last: Excerpt | undefined;
  let count = 0;
  let units: Units | undefined;
  let at = text.indexOf(EXCERPT_OPEN);
  while (at !== -1) {
    if (count++ === MAX_EXCERPTS) throw wrong("excerpts", `at most ${MAX_EXCERPTS}`, undefined);
    const comma = text.indexOf(EXCERPT_COMMA, at);
    const end = endOf(text, comma + 1);
    let from = readPlace(text, at + 1, comma);
    let to = readPlace(text, comma + 1, end - 1);
    if (text[end - 1] === EXCERPT_CLOSE_UNITS) {
      units ??= new Units(message);
      from = units.byteOf(from);
      to = units.byteOf(to);
    }
    if (from >= to || to > message.length || isInside(message, from) || isInside(message, to))
      throw wrong("an excerpt", "to lie in the message", undefined);
    const excerpt = { at, end, from, to, next: undefined };
    if (last === undefined) first = excerpt;
    else last.next = excerpt;
    last = excerpt;
    at = text.indexOf(EXCERPT_OPEN, end);
  }
  return first;
}

/** Behind what closes the excerpt. */
function endOf(text: Buffer, from: number): number {
  for (let at = from; at < text.length && at <= from + MAX_DIGITS; at++)
    if (text[at] === EXCERPT_CLOSE || text[at] === EXCERPT_CLOSE_UNITS) return at + 1;
  throw wrong("an excerpt", "closed", undefined);
}

/** From places in UTF-16 units to places in bytes: half of a pair counts as three, and so is inside of its character. */
class Units {
  readonly #text: string;
  /** The place that was asked for last, in both. */
  #unit = 0;
  #byte = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#text = Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
  }

  byteOf(unit: number): number {
    if (unit > this.#text.length) throw wrong("an excerpt", "to lie in the message", undefined);
    if (unit < this.#unit) this.#unit = this.#byte = 0;
    this.#byte += Buffer.byteLength(this.#text.slice(this.#unit, unit));
    this.#unit = unit;
    return this.#byte;
  }
}

function readPlace(text: Buffer, start: number, end: number): number {
  if (end <= start || end - start > MAX_DIGITS) throw wrong("the place of an excerpt", "a number", undefined);
  let place = 0;
  for (let at = start; at < end; at++) {
    const digit = (text[at] as number) - DIGIT_0;
    if (digit < 0 || digit > 9) throw wrong("the place of an excerpt", "a number", undefined);
    place = place * 10 + digit;
  }
  return place;
}

/** A character has begun before (RFC 3629, 3). */
function isInside(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80;
}

const DIGIT_0 = 0x30;
const MAX_DIGITS = 10;
