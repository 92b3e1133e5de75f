/** Gives out memory for frames. */
export type Allocate = (size: number) => Buffer;

/** Memory for frames that is used again. */
export interface FrameMemory {
  readonly allocate: Allocate;
  /** Nobody looks at what lies there any more, from the end of this turn on. */
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
    if (size > SLAB_BYTES / 8) return large(size);
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
