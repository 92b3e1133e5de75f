import type { HookName } from "./hooks.ts";

/** What one version did since it was last asked. A call is counted when it is back. */
export interface Tally {
  readonly calls: number;
  readonly faults: number;
  /** Connections that it was called for, each once in its life, those that its `upgrade` hook has refused among them. */
  readonly sessions: number;
  /** Those of them that it has ended: by a verdict, or by a fault. */
  readonly closes: number;
  /** Calls by their time from here to the host and back: at most so many milliseconds. */
  readonly latency: readonly (readonly [upToMs: number, calls: number])[];
}

/** Of a policy with a version on its way. */
export interface PolicyTallies {
  readonly policy: string;
  readonly current: Tally;
  readonly canary: Tally & {
    readonly version: string;
    /** Calls do not reach it, since it has failed so often. */
    readonly isBroken: boolean;
  };
}

/** Counts since the start. One call may count under several verdicts: replaced, and replied. */
export interface HookStats {
  readonly hook: HookName;
  readonly calls: number;
  readonly unchanged: number;
  /** A new body; of an upgrade, a verdict that changes something. */
  readonly replaced: number;
  readonly dropped: number;
  readonly replied: number;
  readonly appended: number;
  readonly closed: number;
  readonly rejected: number;
  readonly faults: number;
  /** Messages that the policy's `when` is not for: no calls. */
  readonly skipped: number;
  /** Time in the isolate, microseconds. Calls that entered it together share the time of that entry evenly. */
  readonly timeUs: number;
  /** Of messages that the policy had held back, by the upper bound of how long; absent: it has not. */
  readonly held?: HeldTimes;
}

/** In milliseconds. The last bound is Infinity. */
export interface HeldTimes {
  readonly sum: number;
  /** Not cumulative. */
  readonly upTo: readonly (readonly [bound: number, messages: number])[];
}

export interface PolicyTotals {
  readonly policy: string;
  readonly breaker: "closed" | "open" | "half-open";
  /** Of its isolates, as of a second ago; 0: not known yet. */
  readonly heapBytes: number;
  /** Hooks that have been called, or could have been. */
  readonly hooks: readonly HookStats[];
}

export interface PolicyStats extends PolicyTotals {
  /** The same by route. Beyond some thousand routes of one policy those that come later are together, under "". */
  readonly routes: readonly { readonly route: string; readonly hooks: readonly HookStats[] }[];
}

export interface SandboxStats {
  readonly policies: readonly PolicyStats[];
  /** How many calls entered an isolate together: all of them, and batches by their greatest number of calls. */
  readonly batches: {
    readonly calls: number;
    readonly upTo: readonly (readonly [calls: number, batches: number])[];
  };
  /** The host process in use: resident memory, and the CPU time of it and those before it, as of a second ago. */
  readonly host: { readonly rssBytes: number; readonly cpuUs: number };
}
