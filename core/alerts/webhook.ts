import { setTimeout as delay } from "node:timers/promises";
import { type WebhookMessage, webhookFields } from "./signature.ts";

/** Sends messages to one URL, one after the other. Who adds one never waits; what is not taken in the end is counted. */
export interface Webhook {
  add(message: WebhookMessage): void;
  /** Tries what waits once more, for a moment. */
  close(): Promise<void>;
}

export interface WebhookOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  count(outcome: "sent" | "dropped"): void;
  /** Told once when it begins to fail, and once, with nothing, when it works again. */
  onState(problem: string | undefined): void;
  /** Default: 1 s, and twice as long with each failure after it, up to a minute. */
  readonly firstBackoffMs?: number;
}

/** Messages that wait; of policies half of it. */
export const MAX_QUEUED = 100;
/** With the waits between them they take about five minutes. */
const MAX_TRIES = 10;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
const CLOSE_TIMEOUT_MS = 2000;

/** The statuses that may be others at the next try. */
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Problem {
  readonly text: string;
  readonly isFinal: boolean;
  /** What the receiver says. */
  readonly waitMs: number;
}

export function createWebhook(options: WebhookOptions): Webhook {
  const { url, headers, secret, timeoutMs, count, onState, firstBackoffMs = FIRST_BACKOFF_MS } = options;
  const queue: WebhookMessage[] = [];
  const closed = new AbortController();
  const timeUp = new AbortController();
  let sending: Promise<void> | undefined;
  let isFailing = false;

  return {
    add(message) {
      if (closed.signal.aborted || !hasRoom(message)) return count("dropped");
      queue.push(message);
      sending ??= drain().finally(() => {
        sending = undefined;
      });
    },
    async close() {
      closed.abort();
      const timer = setTimeout(() => timeUp.abort(), CLOSE_TIMEOUT_MS);
      await sending;
      for (const message of queue.splice(0)) {
        const isTaken = !timeUp.signal.aborted && (await post(message)) === undefined;
        count(isTaken ? "sent" : "dropped");
      }
      clearTimeout(timer);
    },
  };

  function hasRoom({ isOfPolicy }: WebhookMessage): boolean {
    if (queue.length >= MAX_QUEUED) return false;
    return !isOfPolicy || queue.filter((each) => each.isOfPolicy).length < MAX_QUEUED / 2;
  }

  async function drain(): Promise<void> {
    for (let message = queue[0]; message !== undefined && !closed.signal.aborted; message = queue[0]) {
      const outcome = await send(message);
      if (outcome === "closed") return;
      queue.shift();
      count(outcome);
    }
  }

  async function send(message: WebhookMessage): Promise<"sent" | "dropped" | "closed"> {
    for (let tries = 1; ; tries++) {
      const problem = await post(message);
      tell(problem);
      if (problem === undefined) return "sent";
      if (closed.signal.aborted) return "closed";
      if (problem.isFinal || tries === MAX_TRIES) return "dropped";
      const backoffMs = Math.min(MAX_BACKOFF_MS, firstBackoffMs * 2 ** (tries - 1));
      const waitMs = Math.max(backoffMs, problem.waitMs);
      await delay(waitMs, undefined, { ref: false, signal: closed.signal }).catch(() => {});
      if (closed.signal.aborted) return "closed";
    }
  }

  function tell(problem: Problem | undefined): void {
    if (isFailing === (problem !== undefined)) return;
    isFailing = problem !== undefined;
    onState(problem?.text);
  }

  async function post(message: WebhookMessage): Promise<Problem | undefined> {
    const seconds = Math.floor(Date.now() / 1000);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          ...headers,
          "Content-Type": "application/json",
          ...webhookFields(message, seconds, secret),
        },
        body: message.body,
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), timeUp.signal]),
        redirect: "manual",
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      return {
        text: `it answered ${response.status}`,
        isFinal: !RETRIED.has(response.status),
        waitMs: readWait(response.headers.get("retry-after")),
      };
    } catch (error) {
      const { message, cause } = error as Error;
      return { text: cause instanceof Error ? cause.message : message, isFinal: false, waitMs: 0 };
    }
  }
}

/** Seconds; of dates, and of longer times, no more is made than of a failure that says nothing. */
function readWait(retryAfter: string | null): number {
  return /^\d{1,2}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
}
