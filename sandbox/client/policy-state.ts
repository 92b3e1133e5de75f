import { type Breaker, createBreaker } from "./breaker.ts";
import { createHookCounts, type HookCounts } from "./call-counts.ts";
import type { Deployment } from "./instance.ts";
import type { LogLimiter } from "./log-limiter.ts";
import { type Task, TaskQueue } from "./task.ts";

/**
 * What a policy's versions share: the calls that go to the newest one, and how it has behaved. A version that is pinned
 * when a newer one comes keeps the state that it had, and the newer one begins with another.
 */
export interface PolicyState {
  readonly name: string;
  readonly queue: TaskQueue;
  readonly breaker: Breaker;
  readonly logs: LogLimiter;
  /** By hook. */
  readonly counts: readonly HookCounts[];
  current: Deployment | undefined;
  /** A call that has to be alone in the isolate until it has settled or is pending. */
  solo: Task | undefined;
  /** Calls sent, not pending and not settled. */
  running: number;
  /** Calls sent and not settled, and their bytes. */
  inFlight: number;
  inFlightBytes: number;
  /** Waits for the next flush. */
  isDirty: boolean;
}

export function createPolicyState(
  name: string,
  logs: LogLimiter,
  counts: readonly HookCounts[] = createHookCounts(),
): PolicyState {
  return {
    name,
    queue: new TaskQueue(),
    breaker: createBreaker(),
    logs,
    counts,
    current: undefined,
    solo: undefined,
    running: 0,
    inFlight: 0,
    inFlightBytes: 0,
    isDirty: false,
  };
}

/** Whose calls a seat's are: the newest version's, or those of the one that it is pinned to. */
export interface Followed {
  readonly policy: PolicyState;
}
