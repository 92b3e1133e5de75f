/**
 * A policy that a debugger may attach to. All that `instance.ts` does in one call on this thread, and with a timeout, is
 * done here on a thread of the isolate's own, without: while the policy is paused, this thread carries the debugger's
 * messages. For development only. An isolate that is entered so cannot be stopped but by its debugger, or with the host.
 */
import type { Answer } from "../wire/answers.ts";
import { ASK_KIND } from "../wire/ask-texts.ts";
import { type Ask, encodeAsk } from "../wire/asks.ts";
import type { HostMessage, HostSettings, InspectorMessage, WireLogLine } from "../wire/control.ts";
import type { FrameWriter } from "../wire/frames.ts";
import { ENTRY, type LoadResult } from "../wire/guest-entry.ts";
import { encodeResults } from "../wire/results.ts";
import { createAskBox } from "./asks.ts";
import type { CallBatch } from "./call-batch.ts";
import { createDebuggers } from "./debuggers.ts";
import { describeError, type Instance } from "./instance.ts";
import { bootIsolate, culpritOf, failureOf, wrapPolicy } from "./isolate.ts";
import type { Addon } from "./isolated-vm.ts";
import type { SubtleRunner } from "./subtle.ts";

const COPY = { copy: true } as const;
/** Each try throws one more of the rejections that nobody handled. */
const MAX_REJECTIONS = 8;

export function createInspectedInstance(
  id: number,
  ivm: Addon,
  settings: HostSettings,
  first: readonly InspectorMessage[],
  out: FrameWriter,
  flush: () => void,
  onLost: () => void,
  subtle: SubtleRunner,
): Instance {
  let lines: WireLogLine[] = [];
  const asks = createAskBox();
  const ears = { log: (...line: WireLogLine) => void lines.push(line), ask: asks.ask, wake };
  let wakeTimer: NodeJS.Timeout | undefined;
  const { isolate, context, guest, memory } = bootIsolate(ivm, settings, ears);
  const debuggers = createDebuggers(isolate, (name, text) => {
    send({ type: "inspector", instance: id, debugger: name, text });
    // What a debugger evaluates may settle a call.
    if (memory.late !== 0) void enqueue(drain);
    flush();
  });
  let last: Promise<void> = Promise.resolve();
  let isDisposed = false;

  /** One after the other: what the last entry has left in the shared memory is read before the next begins. */
  function enqueue(task: () => Promise<void>): Promise<void> {
    last = last
      .then(() => (isDisposed ? undefined : task()))
      .catch(lose)
      .finally(flush);
    return last;
  }

  function send(message: HostMessage): void {
    out.control(message);
  }

  function flushLines(): void {
    if (lines.length === 0) return;
    send({ type: "log", instance: id, lines });
    lines = [];
  }

  async function apply(code: number, ...args: readonly unknown[]): Promise<string> {
    const options = { arguments: COPY, result: COPY };
    for (let tries = 0; ; tries++) {
      try {
        const whole = tries === 0 ? [code, ...args] : [ENTRY.again];
        return (await guest.apply(undefined, whole as never, options)) as string;
      } catch (error) {
        if (isolate.isDisposed || tries === MAX_REJECTIONS) throw error;
        lines.push([0, "error", `unhandled rejection: ${String(error)}`.slice(0, 2048)]);
      }
    }
  }

  async function enter(code: number, ...args: readonly unknown[]): Promise<void> {
    const startedAt = performance.now();
    const text = await apply(code, ...args);
    const binary =
      memory.binaryBytes > 0
        ? ((await guest.apply(undefined, [ENTRY.takeBinary], { result: COPY })) as Uint8Array)
        : undefined;
    flushLines();
    for (const ask of asks.take()) handOn(ask);
    const spentUs = Math.min(0xffff_ffff, Math.floor((performance.now() - startedAt) * 1000));
    const { resultCount: count, results: records } = memory;
    if (count > 0) encodeResults(out, id, { count, records, text, binary, spentUs });
  }

  function handOn(ask: Ask): void {
    if (ask.kind === ASK_KIND.subtle) {
      subtle(ask.text, ask.binary, ask.deadline).then(
        ({ text, binary }) => takeAnswer({ id: ask.id, isGood: true, text, binary }),
        (error) => takeAnswer({ id: ask.id, isGood: false, text: describeError(error) }),
      );
    } else encodeAsk(out, id, ask);
  }

  function takeAnswer({ id: ask, isGood, text, binary }: Answer): void {
    if (!asks.settle(ask)) return;
    void enqueue(async () => {
      await enter(ENTRY.answer, isGood ? ask : -ask, text, binary);
      await drain();
    });
  }

  function wake(delayMs: number): void {
    clearTimeout(wakeTimer);
    const runTimer = async () => {
      await enter(ENTRY.wake);
      await drain();
    };
    wakeTimer = setTimeout(
      () => void enqueue(runTimer),
      Math.max(0, Math.min(delayMs, settings.asyncTimeoutMs)),
    );
  }

  async function drain(): Promise<void> {
    while (memory.late !== 0) await enter(ENTRY.drain);
  }

  async function runBatch(batch: CallBatch): Promise<void> {
    let isDone = false;
    while (!isDone) {
      const count = batch.stage(memory);
      await enter(ENTRY.run, count, batch.text(), batch.binary());
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
    flushLines();
    send({ type: "loaded", instance: id, result });
    if (!result.ok) onLost();
  }

  /** Out of memory, most likely. */
  function lose(error: unknown): void {
    if (isDisposed) return;
    flushLines();
    const culprit = culpritOf(memory);
    send({
      type: "lost",
      instance: id,
      reason: "memory",
      ...(culprit === undefined ? {} : { culprit }),
      begun: [],
      starved: false,
      spentUs: 0,
    });
    process.stderr.write(`an inspected isolate is lost: ${String(error)}\n`);
    onLost();
  }

  return {
    load(code, filename) {
      for (const message of first) debuggers.dispatch(message);
      void enqueue(() => loadPolicy(code, filename));
    },
    enqueue: (batch) => void enqueue(() => runBatch(batch)),
    answer: takeAnswer,
    inspect: debuggers.dispatch,
    hasWork: () => false,
    step() {},
    setTime() {},
    // Asking would wait for a policy that is paused.
    heapBytes: () => 0,
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      clearTimeout(wakeTimer);
      debuggers.close();
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}
