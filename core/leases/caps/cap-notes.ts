import type { CapLimit } from "./places.ts";

/** What one that holds places says to the book, several at a time and in this order. */
export type HolderNote =
  /** Wants so many, and is answered once. */
  | { readonly at: "ask"; readonly key: string; readonly cap: CapLimit; readonly count: number }
  | { readonly at: "give"; readonly key: string; readonly count: number }
  /** So many are open that the book does not know of. */
  | { readonly at: "declare"; readonly key: string; readonly count: number }
  /** All that it had to spare; it keeps none from now on. */
  | { readonly at: "recalled"; readonly key: string; readonly count: number }
  /** So many of its own wait. */
  | { readonly at: "line"; readonly key: string; readonly cap: CapLimit; readonly count: number };

/** What the book says. */
export type BookNote =
  /** @see HolderNote */
  | {
      readonly at: "answer";
      readonly key: string;
      /** So many it has now, which may be more than it asked for. */
      readonly count: number;
      /** What it does not need it may keep for a while. */
      readonly mayKeep: boolean;
    }
  /** Others want what it has to spare. */
  | { readonly at: "recall"; readonly key: string }
  /** One for who waits. */
  | { readonly at: "lend"; readonly key: string };
