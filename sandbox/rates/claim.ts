import type { Refill } from "./refill.ts";

/** What becomes of a limit while the store that all machines share cannot be asked: a share of it here, nothing, or no limit. */
export type OnStoreLoss = "local" | "closed" | "open";

/** What is asked of the book of rates, of one key. Plain data. */
export interface Claim {
  /** Whose key it is: each has room for its own. */
  readonly space: string;
  readonly key: string;
  readonly refill: Refill;
  readonly onStoreLoss: OnStoreLoss;
  /** To be spent at once; below 0: so many are given back. */
  readonly count: number;
  /** Wanted beyond that: to be spent within `LEASE_MS` of the question, or given back. */
  readonly ahead: number;
}

/** Whose it is, and of which limit. */
export type RateKey = Pick<Claim, "space" | "key" | "refill" | "onStoreLoss">;

/** What may be spent of it, which is gone from the book. */
export interface Lease {
  /** Of `count` first. */
  readonly granted: number;
  /** What the book has still. */
  readonly left: number;
  /** Until there is one again, when less than `count` was there. */
  readonly waitMs: number;
}

/** Takes one of the key's: a promise only where somebody has to be asked. */
export type TakeRate = (of: RateKey) => Lease | Promise<Lease>;

/** Who keeps the book: this process, the supervisor, or a store. A lease for each claim, in their order. */
export type AskBook = (claims: readonly Claim[]) => Promise<readonly Lease[]>;

/** For so long what was leased ahead may be spent. */
export const LEASE_MS = 100;

/** Of what is there beyond what is to be spent at once, so much goes as a lease: the rest is for others. */
export const LEASED_SHARE = 0.5;
