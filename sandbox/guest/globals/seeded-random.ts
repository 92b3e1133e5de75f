/** Randomness of a test: whoever begins with the same seed gets the same. */
export interface SeededRandom {
  /** As `Math.random`. */
  next(): number;
  bytes(length: number): Uint8Array;
  restart(seed: number): void;
}

const { imul } = Math;

/** Mulberry32: even, quick, and no secret to anybody. */
export function createSeededRandom(first: number): SeededRandom {
  let state = first | 0;

  function word(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  return {
    next: () => word() / 2 ** 32,
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = word() >>> 24;
      return bytes;
    },
    restart(seed) {
      state = seed | 0;
    },
  };
}
