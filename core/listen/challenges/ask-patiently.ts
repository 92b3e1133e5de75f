import { setTimeout as delay } from "node:timers/promises";
import { countIn, type Refill, takeFrom } from "../../../sandbox/index.ts";
import type { AskChallenge } from "./challenges.ts";

/** An authority asks a few times for each name; whoever else asks costs the fleet no more than this, by each worker. */
const REFILL: Refill = { most: 200, everyMs: 10 };
const MOST_WAITING = 100;
const PATIENCE_MS = 2_000;

/** Asks so often and no oftener, and waits no longer than an authority might: what was not asked, or not answered, nobody knows. */
export function askPatiently(ask: AskChallenge, read: () => number = () => performance.now()): AskChallenge {
  let fullAt = read();
  let waiting = 0;
  return async (token) => {
    const now = read();
    if (waiting >= MOST_WAITING || countIn(fullAt, REFILL, now) === 0) return undefined;
    fullAt = takeFrom(fullAt, 1, REFILL, now);
    waiting++;
    const answered = new AbortController();
    const hopeless = delay(PATIENCE_MS, undefined, { signal: answered.signal, ref: false });
    try {
      return await Promise.race([ask(token), hopeless.catch(() => undefined)]);
    } finally {
      waiting--;
      answered.abort();
    }
  };
}
