import { setTimeout as delay } from "node:timers/promises";
import type { TracesConfig } from "../config/index.ts";
import { type OtlpSpan, toExport } from "./otlp.ts";

/** Sends spans to a collector, many at a time. What it does not take in time is dropped and counted, never waited for. */
export interface SpanExporter {
  add(span: OtlpSpan): void;
  /** Tries once more, for a moment. */
  close(): Promise<void>;
}

export interface SpanExporterOptions {
  readonly config: TracesConfig;
  /** Counts spans by what became of them. */
  count(outcome: "sent" | "dropped", spans: number): void;
  /** Told once when the collector begins to fail, and once, with nothing, when it works again. */
  onState(problem: string | undefined): void;
}

const maxQueued = 8192;
const maxBatch = 512;
const collectMs = 1000;
const maxBackoffMs = 30_000;
const timeoutMs = 10_000;
const closeTimeoutMs = 2000;

/** The statuses that OTLP/HTTP says are worth another try. */
const retried: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function createSpanExporter({ config, count, onState }: SpanExporterOptions): SpanExporter {
  const { endpoint, headers, service } = config;
  const queue: OtlpSpan[] = [];
  const closed = new AbortController();
  const timeUp = new AbortController();
  let sending: Promise<void> | undefined;
  let failures = 0;

  return {
    add(span) {
      if (closed.signal.aborted || queue.length >= maxQueued) return count("dropped", 1);
      queue.push(span);
      sending ??= drain().finally(() => {
        sending = undefined;
      });
    },
    async close() {
      closed.abort();
      const timer = setTimeout(() => timeUp.abort(), closeTimeoutMs);
      await sending;
      let isTaking = true;
      while (isTaking && queue.length > 0 && !timeUp.signal.aborted) isTaking = await sendBatch();
      clearTimeout(timer);
      count("dropped", queue.splice(0).length);
    },
  };

  async function drain(): Promise<void> {
    while (queue.length > 0 && !closed.signal.aborted) {
      const backoffMs = Math.min(maxBackoffMs, collectMs * 2 ** failures);
      await delay(backoffMs, undefined, { ref: false, signal: closed.signal }).catch(() => {});
      if (!closed.signal.aborted) await sendBatch();
      while (queue.length >= maxBatch && failures === 0 && !closed.signal.aborted) await sendBatch();
    }
  }

  /** @returns false when the spans stay in the queue, to be sent again */
  async function sendBatch(): Promise<boolean> {
    const batch = queue.slice(0, maxBatch);
    const problem = await post(JSON.stringify(toExport(batch, service)));
    if (problem === undefined && failures > 0) onState(undefined);
    if (problem !== undefined && failures === 0) onState(problem.text);
    failures = problem === undefined ? 0 : failures + 1;
    if (problem?.isRetried) return false;
    queue.splice(0, batch.length);
    const dropped = problem === undefined ? 0 : batch.length;
    count("sent", batch.length - dropped);
    count("dropped", dropped);
    return true;
  }

  async function post(
    body: string,
  ): Promise<{ readonly text: string; readonly isRetried: boolean } | undefined> {
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), timeUp.signal]),
        redirect: "error",
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      return { text: `it answered ${response.status}`, isRetried: retried.has(response.status) };
    } catch (error) {
      const { message, cause } = error as Error;
      return { text: cause instanceof Error ? cause.message : message, isRetried: true };
    }
  }
}
