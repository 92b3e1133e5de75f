/** The messages of `control` frames. */

import type { PolicyLimits } from "../contract/limits.ts";
import type { OwnCode } from "../contract.ts";
import type { LoadResult, PolicyLogLevel } from "./guest-entry.ts";

export interface HostSettings extends PolicyLimits {
  /** File of `isolated-vm`. */
  readonly addon: string;
  /** Script of the guest. */
  readonly guest: string;
  /** Isolates can be inspected: they run on threads of their own, and without time limits. */
  readonly inspect?: boolean;
}

/** A message of the inspector protocol, from or for one debugger. Without text: the debugger has gone. */
export interface InspectorMessage {
  readonly type: "inspector";
  readonly instance: number;
  readonly debugger: number;
  readonly text?: string;
}

export type ClientMessage =
  | { readonly type: "start"; readonly settings: HostSettings }
  | {
      readonly type: "load";
      readonly instance: number;
      readonly code: string;
      readonly filename: string;
      readonly testTime?: number;
      readonly testSeed?: number;
      readonly own?: OwnCode;
      /** Each call is an entry of its own, so that the journal names the one that runs. */
      readonly oneByOne?: true;
      /** To be done before the policy runs. */
      readonly inspect?: readonly InspectorMessage[];
    }
  | InspectorMessage
  /** Answered by `time-set`. Only for an instance that was loaded with `testTime`. */
  | { readonly type: "set-time"; readonly instance: number; readonly now: number; readonly seed?: number }
  | { readonly type: "drop"; readonly instance: number }
  /** @param usage Whether the answer is to say what the host and its isolates use. */
  | { readonly type: "ping"; readonly sequence: number; readonly usage: boolean };

export type LossReason = "timeout" | "memory";

export interface InstanceLoss {
  readonly type: "lost";
  readonly instance: number;
  readonly reason: LossReason;
  /** The call whose code was running; undefined when it cannot be named. */
  readonly culprit?: number;
  /** Calls that the entry had begun: with the pending ones, the suspects when there is no culprit. */
  readonly begun: readonly number[];
  /** The thread got much less CPU time than the limit: the machine is overloaded, the call is not to blame. */
  readonly starved: boolean;
  /** Microseconds spent in the isolate that no results have told. */
  readonly spentUs: number;
  /** Where the code was when its time was up, as a stack; undefined when that is not known. */
  readonly ranAt?: string;
}

/** What a host process has used: CPU time since its start, and the heaps of its isolates. */
export interface HostUsage {
  readonly cpuUs: number;
  readonly heaps: readonly (readonly [instance: number, bytes: number])[];
}

export type HostMessage =
  | { readonly type: "ready" }
  | InspectorMessage
  | { readonly type: "loaded"; readonly instance: number; readonly result: LoadResult }
  | InstanceLoss
  /** @param asks What the policy has asked for and not been told yet. */
  | { readonly type: "time-set"; readonly instance: number; readonly asks: number }
  /** The heap is above the soft limit: rebuild this isolate between calls. */
  | { readonly type: "tired"; readonly instance: number }
  | { readonly type: "log"; readonly instance: number; readonly lines: readonly WireLogLine[] }
  | { readonly type: "pong"; readonly sequence: number; readonly rss: number; readonly usage?: HostUsage };

/** Seat (0: none), level, text. */
export type WireLogLine = readonly [seat: number, level: PolicyLogLevel, text: string];
