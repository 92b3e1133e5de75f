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

const MAX_QUEUED = 8192;
const MAX_BATCH = 512;
const COLLECT_MS = 1000;
const MAX_BACKOFF_MS = 30_000;
const TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2000;

/** The statuses that OTLP/HTTP says are worth another try. */
const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function createSpanExporter({ config, count, onState }: SpanExporterOptions): SpanExporter {
  const { endpoint, headers, service } = config;
  const queue: OtlpSpan[] = [];
  const closed = new AbortController();
  const timeUp = new AbortController();
  let sending: Promise<void> | undefined;
  let failures = 0;

  return {
    add(span) {
      if (closed.signal.aborted || queue.length >= MAX_QUEUED) return count("dropped", 1);
      queue.push(span);
      sending ??= drain().finally(() => {
        sending = undefined;
      });
    },
    async close() {
      closed.abort();
      const timer = setTimeout(() => timeUp.abort(), CLOSE_TIMEOUT_MS);
      await sending;
      let isTaking = true;
      while (isTaking && queue.length > 0 && !timeUp.signal.aborted) isTaking = await sendBatch();
      clearTimeout(timer);
      count("dropped", queue.splice(0).length);
    },
  };

  async function drain(): Promise<void> {
    while (queue.length > 0 && !closed.signal.aborted) {
      const backoffMs = Math.min(MAX_BACKOFF_MS, COLLECT_MS * 2 ** failures);
      await delay(backoffMs, undefined, { ref: false, signal: closed.signal }).catch(() => {});
      if (!closed.signal.aborted) await sendBatch();
      while (queue.length >= MAX_BATCH && failures === 0 && !closed.signal.aborted) await sendBatch();
    }
  }

  /** @returns false when the spans stay in the queue, to be sent again */
  async function sendBatch(): Promise<boolean> {
    const batch = queue.slice(0, MAX_BATCH);
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
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), timeUp.signal]),
        redirect: "error",
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      return { text: `it answered ${response.status}`, isRetried: RETRIED.has(response.status) };
    } catch (error) {
      const { message, cause } = error as Error;
      return { text: cause instanceof Error ? cause.message : message, isRetried: true };
    }
  }
}
