import type { CapLimit } from "../../leases/caps/places.ts";

/** What this node has of a cap, and what the store knows of it. */
export interface HeldCap {
  count: number;
  /** What the store has of it; undefined: nobody knows. */
  said: number | undefined;
  cap: CapLimit;
  over: number;
  /** Questions about it that are on their way: each tells what there is as well. */
  asking: number;
  toldAt: number;
}

export function newHeldCap(): HeldCap {
  const cap: CapLimit = { most: 0, onStoreLoss: "local" };
  return { count: 0, said: 0, cap, over: 0, asking: 0, toldAt: performance.now() };
}

/** Neither this node nor the store has anything of it. */
export function isNothing({ count, said, asking }: HeldCap): boolean {
  return count === 0 && said === 0 && asking === 0;
}
