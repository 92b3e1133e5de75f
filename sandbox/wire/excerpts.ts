/**
 * In a new body as the guest says it, a part of the message that came stands as an *excerpt*: its place, in bytes, between
 * control characters, which are in no JSON that was serialised.
 *
 *   {"user":"ada","items":␁17,4096␂}
 *
 * Of a message that is not ASCII it is the place in UTF-16 units, as the guest knows it, and ends with ␃.
 */

/** Begins an excerpt. */
export const EXCERPT_OPEN = 0x01;
/** Ends it. */
export const EXCERPT_CLOSE = 0x02;
/** Ends one whose place is in UTF-16 units. */
export const EXCERPT_CLOSE_UNITS = 0x03;
/** Between the place of the first byte and that behind the last. */
export const EXCERPT_COMMA = 0x2c;

/** Of one body. What would have more members is as soon serialised as a whole. */
export const MAX_EXCERPTS = 64;

export function writeExcerpt(from: number, to: number, isInUnits: boolean): string {
  return `\u0001${from},${to}${isInUnits ? "\u0003" : "\u0002"}`;
}
