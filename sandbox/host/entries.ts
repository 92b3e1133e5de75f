import { machineNow } from "../machine-clock.ts";
import type { Answer } from "../wire/answers.ts";
import { NO_CALL } from "../wire/call-record.ts";
import { ENTRY, SLICE_MS } from "../wire/guest-entry.ts";
import type { CallBatch } from "./call-batch.ts";
import type { HostedPolicyParts } from "./hosted-policy.ts";
import { COLLECT_TIMEOUT_MS, LostIsolate, type PolicyIsolate } from "./isolate.ts";
import { CpuMeter } from "./limits/cpu-meter.ts";
import { outsideMemory } from "./limits/outside-memory.ts";
import { SharedDeadline } from "./limits/shared-deadline.ts";
import { batchLimitMs } from "./limits/time-limit.ts";
import type { Reporter } from "./reporter.ts";

/** Enters one isolate: noted in the journal before, its time measured, what it has left reported after. */
export interface Entries {
  /** Run what waits of the batch, as far as it goes. @returns whether that was all */
  run(batch: CallBatch): boolean;
  answer(answer: Answer): void;
  /** A timer of the policy's is due. */
  wake(): void;
  /** Tests only. @returns whether a timer has run: there may be more */
  setTime(now: number, seed: number | undefined): boolean;
  /** Whether no call has been pending a moment ago. */
  waitsForNothing(): boolean;
  stop(): void;
}

export interface EntriesParts
  extends Pick<HostedPolicyParts, "id" | "settings" | "journal" | "flush" | "guard" | "onLost"> {
  readonly isolate: PolicyIsolate;
  readonly reporter: Reporter;
}

/** A pending call is ended at most so much too late. */
const SWEEPS_PER_TIMEOUT = 10;
const MIN_SWEEP_MS = 10;
const DISPOSE_MS = 500;
/** Of this process, as the addon's timers are. */
const deadline = new SharedDeadline();
const cpu = new CpuMeter();

export function createEntries({
  id,
  settings,
  journal,
  flush,
  guard,
  onLost,
  isolate,
  reporter,
}: EntriesParts): Entries {
  const { memory } = isolate;
  const { messageTimeoutMs, upgradeTimeoutMs, asyncTimeoutMs } = settings;
  let sweepTimer: NodeJS.Timeout | undefined;
  /** Spent in the isolate, and not told with results yet. */
  let spentUs = 0;

  /**
   * @param limitMs what a hook may take
   * @param timeoutMs when the engine ends it
   * @returns whether the isolate is still there
   */
  function enter(code: number, args: readonly unknown[], limitMs: number, timeoutMs = limitMs): boolean {
    const startedAt = machineNow();
    cpu.start(startedAt);
    try {
      apply(code, args, timeoutMs, startedAt);
      return true;
    } catch (error) {
      if (!(error instanceof LostIsolate)) throw error;
      const { reason, ranAt } = error;
      // Of the CPU it got so little that its clock proves nothing against the policy.
      const starved = reason === "timeout" && cpu.usedMs < limitMs / 2;
      const begun = code === ENTRY.run ? begunCalls() : [];
      const loss = { reason, begun, starved, spentUs: Math.floor(spentUs) };
      reporter.lost(memory, ranAt === "" ? loss : { ...loss, ranAt });
      // An isolate with much in it takes long to go: that is not the call's time.
      journal.goingOn(DISPOSE_MS);
      onLost();
      return false;
    }
  }

  function apply(code: number, args: readonly unknown[], timeoutMs: number, startedAt: number): void {
    memory.enteredAt = startedAt;
    let text: string;
    try {
      text = isolate.enter(code, timeoutMs, args);
    } finally {
      spentUs += (machineNow() - startedAt) * 1000;
    }
    const told = Math.floor(spentUs);
    if (reporter.entered(memory, { text, binary: takeBinary, spentUs: told })) spentUs -= told;
    if (!outsideMemory.isDue()) return;
    journal.goingOn(COLLECT_TIMEOUT_MS);
    outsideMemory.collect();
  }

  function takeBinary(): Uint8Array | undefined {
    const timeoutMs = batchLimitMs(false, memory.binaryBytes, settings);
    journal.goingOn(timeoutMs);
    return isolate.takeBinary(timeoutMs);
  }

  function begunCalls(): number[] {
    const begun: number[] = [];
    for (let i = 0; i < memory.begun; i++) {
      const call = memory.calls.id(i);
      if (call !== NO_CALL) begun.push(call);
    }
    return begun;
  }

  /** Which hook goes on cannot be told: it has the longer time of the two kinds. */
  function resume(code: number, args: readonly unknown[]): void {
    const limitMs = Math.max(messageTimeoutMs, upgradeTimeoutMs);
    journal.continuing(id, limitMs);
    if (enter(code, args, limitMs)) collectLate();
  }

  /** What settled in microtasks, after the entry had returned its results. @returns as `enter` */
  function collectLate(): boolean {
    while (memory.late !== 0) {
      journal.continuing(id, messageTimeoutMs);
      if (!enter(ENTRY.drain, [], messageTimeoutMs)) return false;
    }
    if (memory.pending !== 0)
      sweepTimer ??= setTimeout(guard, Math.max(MIN_SWEEP_MS, asyncTimeoutMs / SWEEPS_PER_TIMEOUT), sweep);
    return true;
  }

  function sweep(): void {
    sweepTimer = undefined;
    const timeoutMs = messageTimeoutMs + SLICE_MS;
    journal.continuing(id, timeoutMs);
    if (enter(ENTRY.sweep, [], messageTimeoutMs, timeoutMs)) collectLate();
    journal.idle();
    flush();
  }

  return {
    run(batch) {
      const count = batch.stage(memory);
      const { text, binary } = batch;
      const limitMs = batchLimitMs(batch.isUpgrade, batch.size, settings);
      const timeoutMs = deadline.timeoutFor(machineNow(), limitMs + SLICE_MS);
      journal.running(id, memory.calls, count, timeoutMs);
      const args = binary === undefined ? [count, text] : [count, text, binary];
      if (!enter(ENTRY.run, args, limitMs, timeoutMs)) return true;
      const isThrough = batch.advance(memory.begun);
      collectLate();
      return isThrough;
    },

    answer: ({ id: ask, isGood, text, binary }) => resume(ENTRY.answer, [isGood ? ask : -ask, text, binary]),

    wake: () => resume(ENTRY.wake, []),

    setTime(now, seed) {
      journal.continuing(id, messageTimeoutMs);
      if (!enter(ENTRY.setTime, [now, seed], messageTimeoutMs)) return false;
      const { hasRunTimer } = memory;
      return collectLate() && hasRunTimer;
    },

    waitsForNothing: () => sweepTimer === undefined,

    stop: () => clearTimeout(sweepTimer),
  };
}
