import { randomFillSync } from "node:crypto";
import { MOST_COPIED, openWideMask, type WideMask } from "./wide-mask.ts";

/**
 * XORs `bytes[from..to)` with a masking key, in place (RFC 6455 section 5.3).
 *
 * @param key the key's four bytes, most significant first; `turnKey` where `from` is not the payload's first byte
 */
export function applyMask(bytes: Uint8Array, from: number, to: number, key: number): void {
  if (to - from >= WIDE_FROM) {
    const wide = findWideMask();
    if (wide !== "none") return wide.apply(bytes, from, to, swapBytes(key));
  }
  let i = from;
  if (to - from >= WORDS_FROM) {
    // Bytes up to where memory is aligned to 4, then a word at a time.
    for (; ((bytes.byteOffset + i) & 3) !== 0; i++) bytes[i] = (bytes[i] as number) ^ keyByte(key, i - from);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (to - i) >> 2);
    const word = swapBytes(turnKey(key, i - from));
    for (let w = 0; w < words.length; w++) words[w] = (words[w] as number) ^ word;
    i += words.length * 4;
    for (; i < to; i++) bytes[i] = (bytes[i] as number) ^ keyByte(key, i - from);
    return;
  }
  const k0 = (key >>> 24) & 255;
  const k1 = (key >>> 16) & 255;
  const k2 = (key >>> 8) & 255;
  const k3 = key & 255;
  for (; i + 3 < to; i += 4) {
    bytes[i] = (bytes[i] as number) ^ k0;
    bytes[i + 1] = (bytes[i + 1] as number) ^ k1;
    bytes[i + 2] = (bytes[i + 2] as number) ^ k2;
    bytes[i + 3] = (bytes[i + 3] as number) ^ k3;
  }
  if (i < to) bytes[i] = (bytes[i] as number) ^ k0;
  if (i + 1 < to) bytes[i + 1] = (bytes[i + 1] as number) ^ k1;
  if (i + 2 < to) bytes[i + 2] = (bytes[i + 2] as number) ^ k2;
}

/** Copies `bytes`, masked so, to `into[at..)`: one copy less than to copy first, and mask then. */
export function copyMasked(bytes: Uint8Array, into: Uint8Array, at: number, key: number): void {
  const { length } = bytes;
  if (length >= WIDE_FROM && length <= MOST_COPIED) {
    const wide = findWideMask();
    if (wide !== "none") return wide.copy(bytes, into, at, swapBytes(key));
  }
  into.set(bytes, at);
  applyMask(into, at, at + length, key);
}

function findWideMask(): WideMask | "none" {
  wideMask ??= openWideMask() ?? "none";
  return wideMask;
}

/** The key as it stands `position` bytes into a frame's payload: it turns with it. */
export function turnKey(key: number, position: number): number {
  const turn = (position & 3) * 8;
  return turn === 0 ? key : (key << turn) | (key >>> (32 - turn));
}

/** Below this the view costs more than it saves. */
const WORDS_FROM = 256;
/** And below this the copies. */
const WIDE_FROM = 1024;
/** Made when there is something to do for it. */
let wideMask: WideMask | "none" | undefined;

function keyByte(key: number, index: number): number {
  return (key >>> (24 - (index & 3) * 8)) & 255;
}

/** The key as a machine word: every platform that Node runs on is little-endian. */
function swapBytes(word: number): number {
  return ((word >>> 24) & 255) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24);
}

/** Makes unpredictable masking keys (RFC 6455 section 10.3), many per call of the system's generator. */
export function createMaskKeys(): () => number {
  const pool = new Uint32Array(1024);
  let next = pool.length;
  return () => {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++] as number;
  };
}
