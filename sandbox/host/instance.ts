import type { Answer } from "../wire/answers.ts";
import type { LoadResult } from "../wire/guest-entry.ts";
import type { CallBatch } from "./call-batch.ts";
import { createEntries } from "./entries.ts";
import type { HostedPolicy, HostedPolicyParts } from "./hosted-policy.ts";
import { COLLECT_TIMEOUT_MS, createPolicyIsolate, LostIsolate } from "./isolate.ts";
import { createReporter } from "./reporter.ts";
import { createWakeTimer } from "./wake-timer.ts";

const CHECK_HEAP_EVERY = 20;
const LOAD_STEPS = 3;
/** Answers that are told before the next batch has its turn, if the turn's time lasts. */
const ANSWERS_A_STEP = 64;
/** Timers that a test lets run at once: one that sets itself again for the same moment never ends. */
const MAX_TEST_ENTRIES = 100_000;

/** A policy as it runs in production: every entry is synchronous, on this thread, and has a timeout. */
export function createInstance(parts: HostedPolicyParts): HostedPolicy {
  const { id, isolateParts, settings, journal, guest, flush, onWork, onLost } = parts;
  const inbox: CallBatch[] = [];
  const answers: Answer[] = [];
  let isAwake = false;
  let isDisposed = false;
  let steps = 0;
  let isTired = false;
  const reporter = createReporter(parts, (answer) => {
    if (isDisposed) return;
    answers.push(answer);
    onWork();
  });
  const timer = createWakeTimer(settings.asyncTimeoutMs, () => {
    isAwake = true;
    onWork();
  });
  const ears = { log: reporter.log, ask: reporter.ask, wake: timer.set };
  const isolate = createPolicyIsolate(isolateParts, settings, ears, guest);
  const entries = createEntries({ ...parts, isolate, reporter });

  /** An entry each: what runs because of one answer must not be taken for another's. */
  function goOn(end: number): void {
    for (let told = 0; told < ANSWERS_A_STEP; told++) {
      const answer = answers.shift();
      if (answer === undefined) break;
      entries.answer(answer);
      if (performance.now() > end) break;
    }
    if (!isAwake || isDisposed) return;
    isAwake = false;
    entries.wake();
  }

  function checkHeap(): void {
    steps++;
    if (isTired || steps % CHECK_HEAP_EVERY !== 0) return;
    journal.goingOn(COLLECT_TIMEOUT_MS);
    if (!isolate.isTired()) return;
    isTired = true;
    reporter.tired();
  }

  return {
    load(code, filename) {
      // Two entries, and the compiler in between, which has no limit.
      journal.loading(id, LOAD_STEPS * settings.loadTimeoutMs);
      let result: LoadResult;
      try {
        result = JSON.parse(isolate.load(code, filename));
      } catch (error) {
        if (!(error instanceof LostIsolate)) throw error;
        result = { ok: false, failure: { reason: error.reason, message: "", stack: error.ranAt } };
      }
      reporter.loaded(result);
      if (!result.ok) onLost();
    },

    enqueue(batch) {
      inbox.push(batch);
    },

    answer: reporter.answer,

    hasWork: () => !isDisposed && (inbox.length > 0 || answers.length > 0 || isAwake),

    waitsForCalls: () => entries.waitsForNothing() && reporter.openAsks() === 0,

    step(end) {
      if (isDisposed) return;
      if (answers.length > 0 || isAwake) {
        goOn(end);
        flush();
      }
      const batch = inbox[0];
      if (batch && entries.run(batch)) {
        if (inbox.length > 1) inbox.shift();
        else inbox.pop();
      }
      if (!isDisposed) checkHeap();
    },

    setTime(now, seed) {
      while (this.hasWork()) this.step(Number.POSITIVE_INFINITY);
      if (isDisposed) return 0;
      // One timer an entry: what it lets go on runs before the next.
      for (let i = 0; i < MAX_TEST_ENTRIES && entries.setTime(now, i === 0 ? seed : undefined); i++);
      return reporter.openAsks();
    },

    heapBytes: isolate.heapBytes,

    dispose() {
      isDisposed = true;
      timer.stop();
      entries.stop();
      answers.length = 0;
      inbox.length = 0;
      isolate.dispose();
    },
  };
}
