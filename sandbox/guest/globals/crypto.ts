import { viewBytes } from "./text.ts";

/** Random bytes, at most 65,536 at a time. */
export type RandomSource = (length: number) => Uint8Array | undefined;
/** Bytes that the caller may write over until it asks again. */
export type TakeRandom = (length: number) => Uint8Array;
/** The digest, or undefined when the algorithm is unknown or the bytes too many. */
export type Digester = (algorithm: string, bytes: Uint8Array) => Uint8Array | undefined;

const POOL_BYTES = 4096;
const MAX_RANDOM = 65_536;
const integerViews = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[BigInt64Array, BigUint64Array],
];

/** The host is asked for many at once: it costs as much as for a few. */
export function createRandomPool(random: RandomSource): TakeRandom {
  let pool = new Uint8Array(0);
  let used = 0;

  function ask(length: number): Uint8Array<ArrayBuffer> {
    const bytes = random(length);
    if (!bytes) throw new RangeError("crypto: the gateway has no random bytes");
    return bytes as Uint8Array<ArrayBuffer>;
  }

  return (length) => {
    if (length > POOL_BYTES) return ask(length);
    if (used + length > pool.length) {
      pool = ask(POOL_BYTES);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
}

export function createCrypto(takeRandom: TakeRandom, digest: Digester, subtle: object): object {
  return {
    getRandomValues<T>(array: T): T {
      if (!integerViews.some((type) => array instanceof type)) {
        throw new TypeError("crypto.getRandomValues: expected a typed array of integers");
      }
      const bytes = viewBytes(array, "crypto.getRandomValues");
      if (bytes.length > MAX_RANDOM)
        throw new RangeError(`crypto.getRandomValues: more than ${MAX_RANDOM} bytes`);
      bytes.set(takeRandom(bytes.length));
      return array;
    },

    randomUUID(): string {
      const bytes = takeRandom(16);
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      let text = "";
      for (let i = 0; i < 16; i++) {
        if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
        text += (bytes[i]! + 0x100).toString(16).slice(1);
      }
      return text;
    },

    subtle: {
      ...subtle,
      async digest(
        algorithm: string | { name: string },
        data: ArrayBuffer | ArrayBufferView,
      ): Promise<ArrayBuffer> {
        const name = String(typeof algorithm === "object" ? algorithm.name : algorithm).toUpperCase();
        const hash = digest(name, viewBytes(data, "crypto.subtle.digest").slice());
        if (!hash) {
          throw new TypeError(
            `crypto.subtle.digest: expected SHA-1, SHA-256, SHA-384 or SHA-512, got "${name}"`,
          );
        }
        return hash.slice().buffer as ArrayBuffer;
      },
    },
  };
}
