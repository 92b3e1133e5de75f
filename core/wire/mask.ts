import { randomFillSync } from "node:crypto";

/**
 * Writes `source[from..to)` XOR the masking key to `target` at `at` (RFC 6455 section 5.3).
 *
 * @param key the key's four bytes, most significant first
 * @param position where in the frame's payload `from` is: the key turns with it
 */
export function applyMask(
  source: Uint8Array,
  from: number,
  to: number,
  key: number,
  position: number,
  target: Uint8Array,
  at: number,
): void {
  const turn = (position & 3) * 8;
  const turned = turn === 0 ? key : (key << turn) | (key >>> (32 - turn));
  const k0 = (turned >>> 24) & 255;
  const k1 = (turned >>> 16) & 255;
  const k2 = (turned >>> 8) & 255;
  const k3 = turned & 255;
  let i = from;
  let o = at;
  if (to - from >= WIDE_FROM) {
    // Bytes up to where the source is aligned to 4, then a word at a time where the target can follow.
    while (((source.byteOffset + i) & 3) !== 0) {
      target[o] = (source[i] as number) ^ keyByte(turned, i - from);
      i++;
      o++;
    }
    if (((target.byteOffset + o) & 3) === 0) {
      const words = (to - i) >> 2;
      const rest = ((i - from) & 3) * 8;
      const aligned = rest === 0 ? turned : (turned << rest) | (turned >>> (32 - rest));
      const little = swapBytes(aligned);
      const from32 = new Int32Array(source.buffer, source.byteOffset + i, words);
      const to32 = new Int32Array(target.buffer, target.byteOffset + o, words);
      for (let w = 0; w < words; w++) to32[w] = (from32[w] as number) ^ little;
      i += words * 4;
      o += words * 4;
    }
    for (; i < to; i++, o++) target[o] = (source[i] as number) ^ keyByte(turned, i - from);
    return;
  }
  for (; i + 3 < to; i += 4, o += 4) {
    target[o] = (source[i] as number) ^ k0;
    target[o + 1] = (source[i + 1] as number) ^ k1;
    target[o + 2] = (source[i + 2] as number) ^ k2;
    target[o + 3] = (source[i + 3] as number) ^ k3;
  }
  if (i < to) target[o] = (source[i] as number) ^ k0;
  if (i + 1 < to) target[o + 1] = (source[i + 1] as number) ^ k1;
  if (i + 2 < to) target[o + 2] = (source[i + 2] as number) ^ k2;
}

/** Below this the two views cost more than they save. */
const WIDE_FROM = 256;

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
