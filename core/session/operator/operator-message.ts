import type { Payload, Side } from "../../../sandbox/contract/hooks.ts";

/** What an operator says in an open session, in the name of the other side. Plain data. */
export interface OperatorMessage {
  /** Who gets it. */
  readonly to: Side;
  readonly payload: Payload;
  /** The policies read it first, as if the other side had sent it; else it leaves as it is. */
  readonly isForPolicies: boolean;
}

/**
 * `sent`: it is on its way. `ended`: the session ends, or that direction of it. `no-server`: there is none yet. `busy`: more waits there than its
 * receiver takes. `too-large`: the side in whose name it is said may send none that is so long.
 */
export type SaidOutcome = "sent" | "ended" | "no-server" | "busy" | "too-large";
