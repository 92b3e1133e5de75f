import { setTimeout as delay } from "node:timers/promises";

const DEADLINE_MS = 60_000;
const PAUSE_MS = 10;

/**
 * Asks until the answer is no more false or undefined, and gives it; for what tells nobody that it has come. Rejects
 * with what was waited for when that takes a minute, which nothing does, however busy the machine.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | false | undefined | Promise<T | false | undefined>,
): Promise<T> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  while (!signal.aborted) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    await delay(PAUSE_MS);
  }
  throw new Error(`waited in vain for: ${what}`);
}
