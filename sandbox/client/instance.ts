import type { PolicyBundle, PolicyExports } from "../contract.ts";
import type { StackMapper } from "../source-map.ts";
import type { PolicyState } from "./policy-state.ts";

/** One version of a policy, wherever it is loaded. */
export interface Deployment {
  /** Its own once a newer version has come while it is pinned. */
  policy: PolicyState;
  readonly bundle: PolicyBundle;
  readonly mapper: StackMapper;
  exports: PolicyExports;
  /** Pins, and seats taken by them: while there are any it stays loaded. */
  holders: number;
  /** Where calls go; undefined: its last load failed. */
  instance: Instance | undefined;
  /** A fresh instance on its way to replace a tired one. */
  successor: Instance | undefined;
}

/**
 * A deployment loaded once, in one isolate of one host. Its number is never used again.
 *
 *   loading ──▶ ready ──▶ retiring ──▶ gone       retiring: no new calls, dropped after its last
 *      └──────────┴───────────┴──────▶ gone       lost
 */
export interface Instance {
  readonly id: number;
  readonly deployment: Deployment;
  state: "loading" | "ready" | "retiring" | "gone";
  /** Calls sent and not settled. */
  inFlight: number;
  /** As of the last answer to a ping that asked for it; 0: none yet. */
  heapBytes: number;
}
