import { setTimeout as delay } from "node:timers/promises";
import { SinkError } from "../errors.ts";
import type { Sink, SinkRecord } from "../sink.ts";
import {
  advanceDelivery,
  type Delivery,
  type DeliveryCommand,
  type DeliveryEvent,
  NEW_DELIVERY,
} from "./delivery.ts";
import { createRecordQueue } from "./record-queue.ts";

/** Brings records to one sink. Who adds one never waits; what is not taken in the end is counted. */
export interface SinkRunner {
  add(record: SinkRecord): void;
  readonly queuedBytes: number;
  /** Why nothing is taken at the moment; empty when it is. */
  readonly problem: string;
  /** Writes what waits, within a bound. */
  close(): Promise<void>;
}

/** Why a record did not get to a sink. */
export type RecordLoss =
  /** The queue was full: the sink is slow, or away. */
  | "full"
  /** The sink said that it would never take it. */
  | "refused"
  /** The gateway stopped, or the sink was taken out of the config, before it was taken. */
  | "stopped"
  /** The gateway could not read what its workers recorded as fast as it came. */
  | "busy";

export interface SinkRunnerOptions {
  readonly sink: Sink;
  readonly queueBytes: number;
  /** A record waits so long for others to go with it. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  countWritten(records: number): void;
  countLost(reason: RecordLoss, records: number): void;
  /** Told once when it begins to fail, and once, with nothing, when it works again. */
  onState(problem: string | undefined): void;
  /** Records are lost that will never be taken. */
  onRefused(problem: string, records: number): void;
}

/** For all that waits when the gateway stops. */
const CLOSE_TIMEOUT_MS = 5000;

export function createSinkRunner(options: SinkRunnerOptions): SinkRunner {
  const { sink, queueBytes, everyMs, timeoutMs, countWritten, countLost, onState, onRefused } = options;
  const queue = createRecordQueue(queueBytes);
  const timeUp = new AbortController();
  const ended = Promise.withResolvers<void>();
  let state: Delivery = NEW_DELIVERY;
  let problem = "";
  let isDue = false;
  let flushing: NodeJS.Timeout | undefined;
  let waiting: NodeJS.Timeout | undefined;

  void open();

  return {
    add(record) {
      if (state.isClosing) return countLost("stopped", 1);
      if (!queue.add(record)) return countLost("full", 1);
      if (queue.isFull) becomeDue();
      else flushing ??= setTimeout(becomeDue, everyMs).unref();
    },
    get queuedBytes() {
      return queue.bytes;
    },
    get problem() {
      return problem;
    },
    async close() {
      const timer = setTimeout(() => {
        timeUp.abort(new Error("there was no more time"));
        handle({ type: "timeUp" });
      }, CLOSE_TIMEOUT_MS);
      isDue = queue.records > 0;
      handle({ type: "close", due: isDue });
      await ended.promise;
      clearTimeout(timer);
      clearTimeout(flushing);
      clearTimeout(waiting);
      // One that hangs, too, must not hold up the stop.
      await Promise.race([sink.close(), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      countLost("stopped", queue.records);
      queue.drop(queue.records);
    },
  };

  function becomeDue(): void {
    clearTimeout(flushing);
    flushing = undefined;
    isDue = true;
    handle({ type: "due" });
  }

  function handle(event: DeliveryEvent): void {
    const step = advanceDelivery(state, event);
    state = step.state;
    carryOut(step.command);
  }

  function carryOut(command: DeliveryCommand): void {
    switch (command.type) {
      case "none":
        return;
      case "open":
        clearTimeout(waiting);
        return void open();
      case "write":
        return void write();
      case "wait":
        waiting = setTimeout(() => handle({ type: "waited", due: isDue }), command.ms).unref();
        return;
      case "end":
        return ended.resolve();
    }
  }

  async function open(): Promise<void> {
    try {
      await within(sink.open);
    } catch (error) {
      return fail(error);
    }
    // Whether it takes anything is seen when it is given something.
    if (!isDue) say("");
    handle({ type: "opened", due: isDue });
  }

  async function write(): Promise<void> {
    const records = queue.batch();
    try {
      await within((signal) => sink.write(records, signal));
      // After the end they are counted already.
      if (state.phase !== "writing") return;
      queue.drop(records.length);
      countWritten(records.length);
      say("");
    } catch (error) {
      if (state.phase !== "writing") return;
      if (!(error instanceof SinkError && error.code === "ERR_SINK_REFUSED")) return fail(error);
      queue.drop(records.length);
      const refused = Math.min(error.refused ?? records.length, records.length);
      countLost("refused", refused);
      countWritten(records.length - refused);
      onRefused(error.message, refused);
      isDue = isStillDue();
      return handle({ type: "refused", due: isDue });
    }
    isDue = isStillDue();
    handle({ type: "written", due: isDue });
  }

  function isStillDue(): boolean {
    return state.isClosing
      ? queue.records > 0
      : queue.isFull || (queue.records > 0 && flushing === undefined);
  }

  function fail(error: unknown): void {
    say(describe(error));
    handle({ type: "failed" });
  }

  function say(now: string): void {
    if ((problem === "") !== (now === "")) onState(now === "" ? undefined : now);
    problem = now;
  }

  async function within(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), timeUp.signal]);
    const over = Promise.withResolvers<never>();
    const onAbort = () => over.reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    try {
      await Promise.race([work(signal), over.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

function describe(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return "it did not answer in time";
  return cause instanceof Error && !(error instanceof SinkError) ? cause.message : message;
}
