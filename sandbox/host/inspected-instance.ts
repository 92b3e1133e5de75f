/**
 * A policy that a debugger may attach to. All that `instance.ts` does in one call on this thread, and with a timeout, is
 * done here on a thread of the isolate's own, without: while the policy is paused, this thread carries the debugger's
 * messages. For development only. An isolate that is entered so cannot be stopped but by its debugger, or with the host.
 */
import { machineNow } from "../machine-clock.ts";
import type { InspectorMessage } from "../wire/control.ts";
import { ENTRY, type LoadResult } from "../wire/guest-entry.ts";
import type { CallBatch } from "./call-batch.ts";
import { createDebuggers } from "./debuggers.ts";
import type { HostedPolicy, HostedPolicyParts } from "./hosted-policy.ts";
import { failureOf } from "./isolate.ts";
import { bootIsolate, wrapPolicy } from "./isolate-boot.ts";
import { outsideMemory } from "./limits/outside-memory.ts";
import { Rejections } from "./rejections.ts";
import { createReporter } from "./reporter.ts";
import { createWakeTimer } from "./wake-timer.ts";

const COPY = { copy: true } as const;
const MAX_SPENT_US = 0xffff_ffff;

/** @param first Messages of debuggers, to be done before the policy runs. */
export function createInspectedInstance(
  parts: HostedPolicyParts,
  first: readonly InspectorMessage[],
): HostedPolicy {
  const { id, isolateParts, settings, out, flush, onLost } = parts;
  const reporter = createReporter(parts, ({ id: ask, isGood, text, binary }) =>
    enqueue(() => enterAndDrain(ENTRY.answer, isGood ? ask : -ask, text, binary)),
  );
  const timer = createWakeTimer(settings.asyncTimeoutMs, () => enqueue(() => enterAndDrain(ENTRY.wake)));
  const ears = { log: reporter.log, ask: reporter.ask, wake: timer.set };
  const { isolate, context, guest, memory } = bootIsolate(isolateParts, settings, ears);
  const debuggers = createDebuggers(isolate, (name, text) => {
    out.control({ type: "inspector", instance: id, debugger: name, text });
    // What a debugger evaluates may settle a call.
    if (memory.late !== 0) enqueue(drain);
    flush();
  });
  let last: Promise<void> = Promise.resolve();
  let isDisposed = false;

  /** One after the other: what the last entry has left in the shared memory is read before the next begins. */
  function enqueue(task: () => Promise<void>): void {
    last = last
      .then(() => (isDisposed ? undefined : task()))
      .catch(lose)
      .finally(flush);
  }

  async function apply(code: number, args: readonly unknown[]): Promise<string> {
    const rejections = new Rejections(reporter.log);
    let call: readonly unknown[] = [code, ...args];
    for (;;) {
      try {
        return (await guest.apply(undefined, call as never, { arguments: COPY, result: COPY })) as string;
      } catch (error) {
        if (isolate.isDisposed || !rejections.take(error)) throw error;
        call = [ENTRY.again];
      }
    }
  }

  async function enter(code: number, ...args: readonly unknown[]): Promise<void> {
    const startedAt = machineNow();
    memory.enteredAt = startedAt;
    const text = await apply(code, args);
    const binary = memory.binaryBytes > 0 ? await takeBinary() : undefined;
    const spentUs = Math.min(MAX_SPENT_US, Math.floor((machineNow() - startedAt) * 1000));
    reporter.entered(memory, { text, binary: () => binary, spentUs });
    if (outsideMemory.isDue()) outsideMemory.collect();
  }

  async function takeBinary(): Promise<Uint8Array> {
    return (await guest.apply(undefined, [ENTRY.takeBinary], { result: COPY })) as Uint8Array;
  }

  async function drain(): Promise<void> {
    while (memory.late !== 0) await enter(ENTRY.drain);
  }

  async function enterAndDrain(code: number, ...args: readonly unknown[]): Promise<void> {
    await enter(code, ...args);
    await drain();
  }

  async function runBatch(batch: CallBatch): Promise<void> {
    let isDone = false;
    while (!isDone) {
      const count = batch.stage(memory);
      await enter(ENTRY.run, count, batch.text, batch.binary);
      isDone = batch.advance(memory.begun);
      await drain();
    }
  }

  async function loadPolicy(code: string, filename: string): Promise<void> {
    let result: LoadResult;
    try {
      const script = await isolate.compileScript(wrapPolicy(code), { filename, lineOffset: -1 });
      const start = await script.run(context, { reference: true });
      script.release();
      const text = await guest.apply(undefined, [ENTRY.load, start.derefInto({ release: true })], {
        result: COPY,
      });
      result = JSON.parse(text as string);
    } catch (error) {
      if (isDisposed) return;
      const failure = isolate.isDisposed
        ? ({ reason: "memory", message: "", stack: "" } as const)
        : failureOf(error);
      result = { ok: false, failure };
    }
    reporter.loaded(result);
    if (!result.ok) onLost();
  }

  /** Out of memory, most likely. */
  function lose(error: unknown): void {
    if (isDisposed) return;
    reporter.lost(memory, { reason: "memory", begun: [], starved: false, spentUs: 0 });
    process.stderr.write(`an inspected isolate is lost: ${String(error)}\n`);
    onLost();
  }

  return {
    load(code, filename) {
      for (const message of first) debuggers.dispatch(message);
      enqueue(() => loadPolicy(code, filename));
    },
    enqueue: (batch) => enqueue(() => runBatch(batch)),
    answer: reporter.answer,
    inspect: debuggers.dispatch,
    hasWork: () => false,
    waitsForCalls: () => false,
    step() {},
    setTime: () => 0,
    // Asking would wait for a policy that is paused.
    heapBytes: () => 0,
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      timer.stop();
      debuggers.close();
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}
