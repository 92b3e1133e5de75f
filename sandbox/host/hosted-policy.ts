import type { Answer } from "../wire/answers.ts";
import type { HostSettings, InspectorMessage } from "../wire/control.ts";
import type { FrameWriter } from "../wire/frames.ts";
import type { InstanceSettings } from "../wire/guest-entry.ts";
import type { LoneResult } from "../wire/results.ts";
import type { CallBatch } from "./call-batch.ts";
import type { IsolateParts } from "./isolate-parts.ts";
import type { Journal } from "./journal.ts";
import type { SubtleRunner } from "./subtle.ts";

/** One version of one policy, and the batches that wait for it. */
export interface HostedPolicy {
  load(code: string, filename: string): void;
  enqueue(batch: CallBatch): void;
  /** What the policy asked of the worker. */
  answer(answer: Answer): void;
  hasWork(): boolean;
  /** Whether nothing but the client can give it work: it waits for no timer, and for nothing that it has asked for. */
  waitsForCalls(): boolean;
  /** The next entry into the isolate. @param end of the turn that it is part of, see `performance.now` */
  step(end: number): void;
  /**
   * Tests only: set the clock, once what was sent before has run.
   *
   * @returns how much of what the policy has asked for it has not been told yet
   */
  setTime(now: number, seed?: number): number;
  /** Development only. */
  inspect?(message: InspectorMessage): void;
  heapBytes(): number;
  dispose(): void;
}

export interface HostedPolicyParts {
  readonly id: number;
  readonly isolateParts: IsolateParts;
  readonly settings: HostSettings;
  readonly journal: Journal;
  readonly out: FrameWriter;
  /** Where there is one, see `ServiceParts`. */
  readonly lone?: LoneResult | undefined;
  readonly subtle: SubtleRunner;
  /** What the guest is told beside the limits. */
  readonly guest: InstanceSettings;
  /** Something was written outside of a turn. */
  flush(): void;
  /** Runs what nobody waits for, see `ServiceParts`. */
  guard(turn: () => void): void;
  /** There is work that did not come from the socket. */
  onWork(): void;
  /** The client has been told: dispose of it. */
  onLost(): void;
}
