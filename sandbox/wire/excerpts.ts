/**
 * In a new body as the guest says it, a part of the message that came stands as an *excerpt*: its place, in bytes, between
 * control characters, which are in no JSON that was serialised.
 *
 *   {"user":"ada","items":␁17,4096␂}
 */

/** Begins an excerpt. */
export const EXCERPT_OPEN = 0x01;
/** Ends it. */
export const EXCERPT_CLOSE = 0x02;
/** Between the place of the first byte and that behind the last. */
export const EXCERPT_COMMA = 0x2c;

/** Of one body. What would have more members is as soon serialised as a whole. */
export const MAX_EXCERPTS = 64;

export function writeExcerpt(from: number, to: number): string {
  return `\u0001${from},${to}\u0002`;
}
