import { copyMasked, type Memory, type Place } from "./memory.ts";

const WHOLE_TEXT = 0x81;
const MASK_BIT = 0x80;
/** A shorter payload has its length in one byte, a longer one in two more. */
const SHORT_BELOW = 126;
const SHORT_HEADER = 6;
const MOST_BYTES = 65_535;
export const LONG_HEADER = 8;
export const NOT_WHOLE = -1;

export function headerBytesOf(length: number): number {
  return length < SHORT_BELOW ? SHORT_HEADER : LONG_HEADER;
}

/**
 * Checks the header of the client's frame that begins at `at`: one that is no whole text is refused, for nothing else comes here.
 *
 * @returns how many bytes its payload has, or `NOT_WHOLE`
 */
export function lengthOfFrame({ view }: Memory, at: number, end: number): number {
  if (at + SHORT_HEADER > end) return NOT_WHOLE;
  const start = view.getUint16(at);
  if (start >>> 8 !== WHOLE_TEXT) throw new Error("a frame that is no whole text");
  if ((start & MASK_BIT) === 0) throw new Error("a client's frame that is not masked");
  let length = start & (MASK_BIT - 1);
  if (length >= SHORT_BELOW) {
    if (length > SHORT_BELOW) throw new Error("a message of more than 64 KiB");
    if (at + LONG_HEADER > end) return NOT_WHOLE;
    length = view.getUint16(at + 2);
    if (length < SHORT_BELOW) throw new Error("a length that is longer than it must be");
  }
  return at + headerBytesOf(length) + length > end ? NOT_WHOLE : length;
}

/** The payload, unmasked. @returns where the copy ends */
export function copyPayload(
  frames: Memory,
  payload: Omit<Place, "memory">,
  into: Memory,
  at: number,
): number {
  const { from, to } = payload;
  return copyMasked({ memory: frames, from, to }, frames.view.getInt32(from - 4), into, at);
}

/** Makes a client's frame of a text. @returns where it ends */
export function writeFrame(text: Place, key: number, into: Memory, at: number): number {
  const length = text.to - text.from;
  if (length > MOST_BYTES) throw new Error("a message of more than 64 KiB");
  const { view } = into;
  const payloadAt = at + headerBytesOf(length);
  view.setUint16(at, (WHOLE_TEXT << 8) | MASK_BIT | Math.min(length, SHORT_BELOW));
  if (length >= SHORT_BELOW) view.setUint16(at + 2, length);
  view.setInt32(payloadAt - 4, key);
  return copyMasked(text, key, into, payloadAt);
}
