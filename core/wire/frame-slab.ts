/** Gives out memory for frames. */
export type Allocate = (size: number) => Buffer;

/** Memory for frames that is used again. */
export interface FrameMemory {
  readonly allocate: Allocate;
  /** What lies there is on its way to nobody, and nobody looks at it any more. */
  release(bytes: Uint8Array): void;
}

/**
 * Memory for the frames that the gateway makes, one right behind the other: what a turn has for one socket is then one
 * piece, and leaves without being copied together.
 *
 * @param large for a large frame, which would leave the rest of a slab unused, or keep it alive for long
 */
export function createFrameSlab(large: Allocate = Buffer.allocUnsafeSlow): Allocate {
  let slab = Buffer.alloc(0);
  let next = 0;
  return (size) => {
    if (size > MAX_PIECE_BYTES) return large(size);
    if (next + size > slab.length) {
      slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      next = 0;
    }
    const start = next;
    next += size;
    return slab.subarray(start, next);
  };
}

const SLAB_BYTES = 64 * 1024;
/** Larger ones have memory of their own. */
export const MAX_PIECE_BYTES = SLAB_BYTES / 8;
