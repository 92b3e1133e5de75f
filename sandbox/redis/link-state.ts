/**
 * The connection to a store, and what is said of it:
 *
 *            ready
 *   new ───────────────▶ up ◀──────────┐
 *    │                   │             │ ready: tell that it is back
 *    │ lost: tell        │ lost: tell  │
 *    └──────▶ down ◀─────┘             │
 *             │ ▲ └────────────────────┘
 *             └─┘ lost: the next attempt comes later than the one before
 *
 * While it is new calls wait for the connection, and while it is down they fail at once.
 */
export type LinkState =
  | { readonly type: "new" }
  | { readonly type: "up" }
  | { readonly type: "down"; readonly failures: number };

export type LinkEvent = "ready" | "lost";

export interface LinkStep {
  readonly state: LinkState;
  readonly tell?: "lost" | "back";
  /** When the next attempt begins. */
  readonly retryInMs?: number;
}

export const NEW_LINK: LinkState = { type: "new" };

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

export function advanceLink(state: LinkState, event: LinkEvent): LinkStep {
  switch (event) {
    case "ready":
      return state.type === "down" ? { state: { type: "up" }, tell: "back" } : { state: { type: "up" } };
    case "lost": {
      const failures = state.type === "down" ? state.failures + 1 : 1;
      const retryInMs = pauseAfter(failures);
      const step = { state: { type: "down", failures }, retryInMs } as const;
      return state.type === "down" ? step : { ...step, tell: "lost" };
    }
  }
}

/** After so many failures in a row, from 1. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
}

/** A whole fleet loses its Redis at the same moment: not all of it is to come back at the same moment. @param chance from 0 to 1 */
export function spreadPause(ms: number, chance: number): number {
  return ms * (0.5 + chance / 2);
}
