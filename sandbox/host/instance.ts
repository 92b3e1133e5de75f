import type { Answer } from "../wire/answers.ts";
import { ASK_KIND } from "../wire/ask-texts.ts";
import { type Ask, encodeAsk } from "../wire/asks.ts";
import { NO_CALL } from "../wire/call-record.ts";
import type {
  HostMessage,
  HostSettings,
  InspectorMessage,
  InstanceLoss,
  WireLogLine,
} from "../wire/control.ts";
import type { FrameWriter } from "../wire/frames.ts";
import { ENTRY, type LoadResult, SLICE_MS } from "../wire/guest-entry.ts";
import { encodeResults } from "../wire/results.ts";
import { createAskBox } from "./asks.ts";
import type { CallBatch } from "./call-batch.ts";
import {
  createPolicyIsolate,
  culpritOf,
  type GuestEars,
  LostIsolate,
  type PolicyIsolate,
} from "./isolate.ts";
import type { Addon } from "./isolated-vm.ts";
import type { Journal } from "./journal.ts";
import type { SubtleRunner } from "./subtle.ts";

/** A loaded policy and the batches that wait for it. */
export interface Instance {
  load(code: string, filename: string): void;
  enqueue(batch: CallBatch): void;
  /** What the policy asked of the worker. */
  answer(answer: Answer): void;
  hasWork(): boolean;
  /** One entry into the isolate. */
  step(): void;
  /** Tests only: set the clock, once what was sent before has run. */
  setTime(now: number): void;
  /** Development only. */
  inspect?(message: InspectorMessage): void;
  heapBytes(): number;
  dispose(): void;
}

const CHECK_HEAP_EVERY = 20;
/** Most log lines of one entry; the guest lets through 64 a call. */
const MAX_LOG_LINES = 1024;
/** Answers that are told before the next batch has its turn. */
const ANSWERS_A_STEP = 64;
const MAX_ERROR_TEXT = 512;
/** Timers that a test lets run at once: one that sets itself again for the same moment never ends. */
const MAX_TEST_ENTRIES = 100_000;
/** A pending call is ended at most so much too late. */
const SWEEPS_PER_TIMEOUT = 10;

export function createInstance(
  id: number,
  ivm: Addon,
  settings: HostSettings,
  journal: Journal,
  out: FrameWriter,
  /** Something was written outside of a turn. */
  flush: () => void,
  onLost: () => void,
  subtle: SubtleRunner,
  /** There is work that did not come from the socket. */
  onWork: () => void,
  testTime?: number,
): Instance {
  const inbox: CallBatch[] = [];
  const asks = createAskBox();
  let answers: Answer[] = [];
  let wakeTimer: NodeJS.Timeout | undefined;
  let isAwake = false;
  let lines: WireLogLine[] = [];
  const ears: GuestEars = {
    log(...line) {
      if (lines.length < MAX_LOG_LINES) lines.push(line);
    },
    ask: asks.ask,
    wake,
  };
  let isolate: PolicyIsolate | undefined = createPolicyIsolate(ivm, settings, ears, testTime);
  const { memory } = isolate;
  let entries = 0;
  let isTired = false;
  let sweepTimer: NodeJS.Timeout | undefined;
  /** Spent in the isolate, and not told with results yet. */
  let spentUs = 0;

  function send(message: HostMessage): void {
    out.control(message);
  }

  function flushLines(): void {
    if (lines.length === 0) return;
    send({ type: "log", instance: id, lines });
    lines = [];
  }

  function enter(
    target: PolicyIsolate,
    code: number,
    timeout: number,
    batch?: Pick<CallBatch, "text" | "binary">,
    count = 0,
  ): void {
    const texts = batch?.text();
    const startedAt = performance.now();
    let text: string;
    try {
      text = target.enter(code, timeout, count, texts, batch?.binary());
    } finally {
      spentUs += (performance.now() - startedAt) * 1000;
    }
    // Before the results: the client forgets a seat when the last call of it settles, and whose lines these are.
    flushLines();
    for (const ask of asks.take()) handOn(ask);
    const { resultCount: results, results: records } = memory;
    if (results === 0) return;
    const told = Math.floor(spentUs);
    const binary = memory.binaryBytes > 0 ? target.takeBinary() : undefined;
    encodeResults(out, id, { count: results, records, text, binary, spentUs: told });
    spentUs -= told;
  }

  function handOn(ask: Ask): void {
    if (ask.kind === ASK_KIND.subtle) {
      subtle(ask.text, ask.binary, ask.deadline).then(
        ({ text, binary }) => takeAnswer({ id: ask.id, isGood: true, text, binary }),
        (error) => takeAnswer({ id: ask.id, isGood: false, text: describeError(error) }),
      );
    } else encodeAsk(out, id, ask);
  }

  function takeAnswer(answer: Answer): void {
    if (!isolate || !asks.settle(answer.id)) return;
    answers.push(answer);
    onWork();
  }

  function wake(delayMs: number): void {
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(
      () => {
        isAwake = true;
        onWork();
      },
      Math.max(0, Math.min(delayMs, settings.asyncTimeoutMs)),
    );
  }

  /** An entry each: what runs because of one answer must not be taken for another's. */
  function runAnswers(target: PolicyIsolate): void {
    const turn = answers.slice(0, ANSWERS_A_STEP);
    answers = answers.slice(turn.length);
    for (const answer of turn) {
      if (!isolate) return;
      resume(target, ENTRY.answer, answer);
    }
    if (isAwake && isolate) {
      isAwake = false;
      resume(target, ENTRY.wake);
    }
  }

  /** Which hook goes on cannot be told: it has the longer time of the two kinds. */
  function resume(target: PolicyIsolate, code: number, answer?: Answer): void {
    const limit = Math.max(settings.messageTimeoutMs, settings.upgradeTimeoutMs);
    const before = process.threadCpuUsage();
    journal.continuing(id);
    const batch = answer && { text: () => answer.text, binary: () => answer.binary };
    try {
      enter(target, code, limit, batch, answer && (answer.isGood ? answer.id : -answer.id));
    } catch (error) {
      lose(error, [], isStarved(before, limit));
      return;
    }
    collectLate(target);
  }

  function runBatch(target: PolicyIsolate, batch: CallBatch): void {
    const count = batch.stage(memory);
    journal.running(id, memory.calls, count);
    const limit = batch.isUpgrade ? settings.upgradeTimeoutMs : settings.messageTimeoutMs;
    const cpuBefore = process.threadCpuUsage();
    try {
      enter(target, ENTRY.run, limit + SLICE_MS, batch, count);
    } catch (error) {
      lose(error, beginners(count), isStarved(cpuBefore, limit));
      return;
    }
    if (batch.advance(memory.begun)) inbox.shift();
    collectLate(target);
  }

  /** What settled in microtasks, after the entry had returned its results. */
  function collectLate(target: PolicyIsolate): void {
    if (memory.late !== 0) {
      const before = process.threadCpuUsage();
      try {
        do {
          journal.continuing(id);
          enter(target, ENTRY.drain, settings.messageTimeoutMs);
        } while (memory.late !== 0);
      } catch (error) {
        lose(error, [], isStarved(before, settings.messageTimeoutMs));
        return;
      }
    }
    if (memory.pending !== 0) scheduleSweep();
  }

  function scheduleSweep(): void {
    sweepTimer ??= setTimeout(sweep, Math.max(10, settings.asyncTimeoutMs / SWEEPS_PER_TIMEOUT));
  }

  function sweep(): void {
    sweepTimer = undefined;
    if (!isolate) return;
    const before = process.threadCpuUsage();
    try {
      journal.continuing(id);
      enter(isolate, ENTRY.sweep, settings.messageTimeoutMs + SLICE_MS);
      collectLate(isolate);
    } catch (error) {
      lose(error, [], isStarved(before, settings.messageTimeoutMs));
    }
    journal.idle();
    flush();
  }

  function beginners(count: number): number[] {
    const begun: number[] = [];
    for (let i = 0; i < Math.min(count, memory.begun); i++) {
      const callId = memory.calls.id(i);
      if (callId !== NO_CALL) begun.push(callId);
    }
    return begun;
  }

  function lose(error: unknown, begun: readonly number[], starved: boolean): void {
    if (!(error instanceof LostIsolate)) throw error;
    flushLines();
    const culprit = culpritOf(memory);
    const loss: InstanceLoss = {
      type: "lost",
      instance: id,
      reason: error.reason,
      ...(culprit === undefined ? {} : { culprit }),
      begun,
      starved: starved && error.reason === "timeout",
      spentUs: Math.floor(spentUs),
    };
    send(loss);
    dispose();
    onLost();
  }

  function dispose(): void {
    clearTimeout(sweepTimer);
    clearTimeout(wakeTimer);
    answers = [];
    isolate?.dispose();
    isolate = undefined;
    inbox.length = 0;
  }

  function checkHeap(target: PolicyIsolate): void {
    entries++;
    if (isTired || entries % CHECK_HEAP_EVERY !== 0 || !target.isTired()) return;
    isTired = true;
    send({ type: "tired", instance: id });
  }

  return {
    load(code, filename) {
      journal.loading(id);
      let result: LoadResult;
      try {
        result = JSON.parse((isolate as PolicyIsolate).load(code, filename));
      } catch (error) {
        if (!(error instanceof LostIsolate)) throw error;
        result = { ok: false, failure: { reason: error.reason, message: "", stack: "" } };
      }
      flushLines();
      send({ type: "loaded", instance: id, result });
      if (!result.ok) {
        dispose();
        onLost();
      }
    },

    enqueue(batch) {
      inbox.push(batch);
    },

    answer: takeAnswer,

    hasWork: () => isolate !== undefined && (inbox.length > 0 || answers.length > 0 || isAwake),

    step() {
      if (!isolate) return;
      if (answers.length > 0 || isAwake) runAnswers(isolate);
      if (isolate && inbox.length > 0) runBatch(isolate, inbox[0] as CallBatch);
      if (isolate) checkHeap(isolate);
    },

    setTime(now) {
      while (this.hasWork()) this.step();
      if (!isolate) return;
      try {
        // One timer an entry: what it lets go on runs before the next.
        for (let entries = 0; entries < MAX_TEST_ENTRIES; entries++) {
          enter(isolate, ENTRY.setTime, settings.messageTimeoutMs, undefined, now);
          const hasRunTimer = memory.hasRunTimer;
          collectLate(isolate);
          if (!hasRunTimer || !isolate) return;
        }
      } catch (error) {
        lose(error, [], false);
      }
    },

    heapBytes: () => isolate?.heapBytes() ?? 0,

    dispose,
  };
}

/** Did the thread get so little of the CPU that its clock proves nothing against the policy? */
function isStarved(before: NodeJS.CpuUsage, limitMs: number): boolean {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 < limitMs / 2;
}

export function describeError(error: unknown): string {
  const { name = "Error", message = "" } = error as Partial<Error>;
  return JSON.stringify({ name, message: message.slice(0, MAX_ERROR_TEXT) });
}
