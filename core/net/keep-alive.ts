/** A peer that has been silent for so long is asked by TCP whether it is still there: one may vanish without a word. */
export const KEEP_ALIVE_MS = 60_000;
