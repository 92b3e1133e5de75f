import { base64ToBytes, bytesToBase64 } from "./base64.ts";

/** Of each direction. `session` holds 65,536 characters in all. */
const MAX_HELD_BYTES = 16_384;

/** By direction: the beginning of a packet whose end has not come, as base64. */
export type HeldBytes = { client?: string; server?: string };
type Origin = keyof HeldBytes;

/** What has come of the direction and is not told apart yet: what was held, and these bytes. */
export function takeHeld(held: HeldBytes, origin: Origin, bytes: Uint8Array): Uint8Array {
  const before = held[origin];
  if (before === undefined) return bytes;
  delete held[origin];
  return concatBytes([base64ToBytes(before), bytes]);
}

/** Throws where it is too much. */
export function hold(held: HeldBytes, origin: Origin, rest: Uint8Array): void {
  if (rest.length === 0) return;
  if (rest.length > MAX_HELD_BYTES) throw new RangeError(`more than ${MAX_HELD_BYTES} bytes of one packet`);
  held[origin] = bytesToBase64(rest);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
