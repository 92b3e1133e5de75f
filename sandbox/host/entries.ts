import { machineNow } from "../machine-clock.ts";
import type { Answer } from "../wire/answers.ts";
import { NO_CALL } from "../wire/call-record.ts";
import { ENTRY, SLICE_MS } from "../wire/guest-entry.ts";
import type { CallBatch } from "./call-batch.ts";
import type { HostedPolicyParts } from "./hosted-policy.ts";
import { LostIsolate, type PolicyIsolate } from "./isolate.ts";
import type { Reporter } from "./reporter.ts";
import { batchLimitMs } from "./time-limit.ts";

/** Enters one isolate: noted in the journal before, its time measured, what it has left reported after. */
export interface Entries {
  /** Run what waits of the batch, as far as it goes. @returns whether that was all */
  run(batch: CallBatch): boolean;
  answer(answer: Answer): void;
  /** A timer of the policy's is due. */
  wake(): void;
  /** Tests only. @returns whether a timer has run: there may be more */
  setTime(now: number): boolean;
  stop(): void;
}

export interface EntriesParts
  extends Pick<HostedPolicyParts, "id" | "settings" | "journal" | "flush" | "onLost"> {
  readonly isolate: PolicyIsolate;
  readonly reporter: Reporter;
}

/** A pending call is ended at most so much too late. */
const SWEEPS_PER_TIMEOUT = 10;
const MIN_SWEEP_MS = 10;
const DISPOSE_MS = 500;

export function createEntries({
  id,
  settings,
  journal,
  flush,
  onLost,
  isolate,
  reporter,
}: EntriesParts): Entries {
  const { memory } = isolate;
  const { messageTimeoutMs, upgradeTimeoutMs, asyncTimeoutMs } = settings;
  let sweepTimer: NodeJS.Timeout | undefined;
  /** Spent in the isolate, and not told with results yet. */
  let spentUs = 0;

  /** @returns whether the isolate is still there */
  function enter(code: number, limitMs: number, args: readonly unknown[]): boolean {
    const cpuBefore = process.threadCpuUsage();
    const isSliced = code === ENTRY.run || code === ENTRY.sweep;
    try {
      apply(code, isSliced ? limitMs + SLICE_MS : limitMs, args);
      return true;
    } catch (error) {
      if (!(error instanceof LostIsolate)) throw error;
      const { reason } = error;
      const starved = reason === "timeout" && isStarved(cpuBefore, limitMs);
      const begun = code === ENTRY.run ? begunCalls() : [];
      reporter.lost(memory, { reason, begun, starved, spentUs: Math.floor(spentUs) });
      // An isolate with much in it takes long to go: that is not the call's time.
      journal.goingOn(DISPOSE_MS);
      onLost();
      return false;
    }
  }

  function apply(code: number, timeoutMs: number, args: readonly unknown[]): void {
    const startedAt = machineNow();
    memory.enteredAt = startedAt;
    let text: string;
    try {
      text = isolate.enter(code, timeoutMs, args);
    } finally {
      spentUs += (machineNow() - startedAt) * 1000;
    }
    const told = Math.floor(spentUs);
    if (reporter.entered(memory, { text, binary: takeBinary, spentUs: told })) spentUs -= told;
  }

  function takeBinary(): Uint8Array | undefined {
    journal.goingOn(messageTimeoutMs);
    return isolate.takeBinary();
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
    if (enter(code, limitMs, args)) collectLate();
  }

  /** What settled in microtasks, after the entry had returned its results. @returns as `enter` */
  function collectLate(): boolean {
    while (memory.late !== 0) {
      journal.continuing(id, messageTimeoutMs);
      if (!enter(ENTRY.drain, messageTimeoutMs, [])) return false;
    }
    if (memory.pending !== 0)
      sweepTimer ??= setTimeout(sweep, Math.max(MIN_SWEEP_MS, asyncTimeoutMs / SWEEPS_PER_TIMEOUT));
    return true;
  }

  function sweep(): void {
    sweepTimer = undefined;
    journal.continuing(id, messageTimeoutMs + SLICE_MS);
    if (enter(ENTRY.sweep, messageTimeoutMs, [])) collectLate();
    journal.idle();
    flush();
  }

  return {
    run(batch) {
      const count = batch.stage(memory);
      const [text, binary] = [batch.text(), batch.binary()];
      const limitMs = batchLimitMs(batch.isUpgrade, text.length + (binary?.length ?? 0), settings);
      journal.running(id, memory.calls, count, limitMs + SLICE_MS);
      if (!enter(ENTRY.run, limitMs, [count, text, binary])) return true;
      const isThrough = batch.advance(memory.begun);
      collectLate();
      return isThrough;
    },

    answer: ({ id: ask, isGood, text, binary }) => resume(ENTRY.answer, [isGood ? ask : -ask, text, binary]),

    wake: () => resume(ENTRY.wake, []),

    setTime(now) {
      journal.continuing(id, messageTimeoutMs);
      if (!enter(ENTRY.setTime, messageTimeoutMs, [now])) return false;
      const { hasRunTimer } = memory;
      return collectLate() && hasRunTimer;
    },

    stop: () => clearTimeout(sweepTimer),
  };
}

/** Did the thread get so little of the CPU that its clock proves nothing against the policy? */
function isStarved(before: NodeJS.CpuUsage, limitMs: number): boolean {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 < limitMs / 2;
}
