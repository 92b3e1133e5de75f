import { type Breaker, createBreaker } from "./breaker.ts";
import { createHookCounts, type HookCounts } from "./call-counts.ts";
import type { Deployment } from "./instance.ts";
import type { LogLimiter } from "./log-limiter.ts";
import { type Task, TaskQueue } from "./task.ts";

/** What a policy's versions share: its queue, and how it has behaved. */
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

export function createPolicyState(name: string, logs: LogLimiter): PolicyState {
  return {
    name,
    queue: new TaskQueue(),
    breaker: createBreaker(),
    logs,
    counts: createHookCounts(),
    current: undefined,
    solo: undefined,
    running: 0,
    inFlight: 0,
    inFlightBytes: 0,
    isDirty: false,
  };
}
