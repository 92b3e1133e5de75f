import type { HookName } from "./hooks.ts";

export type FaultReason =
  | "throw" // the hook threw, or its promise was rejected
  | "verdict" // the hook returned something that is not a verdict
  | "timeout" // the hook ran, or stayed pending, for too long
  | "memory" // the isolate ran out of memory while this call ran
  | "killed" // the host process died, or was killed, while this call ran
  | "nonsense" // what came out of the sandbox for this call is nothing that its own code says
  | "unavailable"; // the policy has no version that could be loaded, or its breaker is open

export interface PolicyFault {
  readonly reason: FaultReason;
  readonly policy: string;
  readonly version: string;
  readonly hook: HookName;
  /** One sentence for the author: what was expected, what was got. */
  readonly message: string;
  /** Stack in the author's TypeScript files and lines, host and guest frames cut off; "" when there is none. */
  readonly stack: string;
}

/** How a policy has cost its host. */
export type QuarantineReason = "hang" | "crash" | "memory" | "nonsense";

/** A version that runs in a host of its own, for what it has done. */
export interface QuarantineEntry {
  readonly policy: string;
  readonly version: string;
  readonly reason: QuarantineReason;
  /** On the machine's clock, which all processes share; later when it does it again. */
  readonly until: number;
}
