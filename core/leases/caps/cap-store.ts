import type { CapLimit } from "./places.ts";

/** What one machine says of a cap of the fleet, and wants of it. */
export interface StoreQuestion extends CapLimit {
  /** So many it has, from now on, whatever it had before. */
  readonly holding: number;
  readonly want: number;
}

export interface StoreAnswer {
  /** May be more than was wanted, where there is plenty. */
  readonly granted: number;
  /** There is plenty: what is given back need not be given back at once. */
  readonly mayKeep: boolean;
}

/** The book of all machines. It always answers: what becomes of a question while it cannot be reached is its own. */
export interface CapStore {
  lease(key: string, question: StoreQuestion): Promise<StoreAnswer>;
}
