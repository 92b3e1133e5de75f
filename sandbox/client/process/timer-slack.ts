import { readFileSync, writeFileSync } from "node:fs";

/**
 * How much later than asked the system may wake a thread up, so that it does so once for what is due at about one time
 * (prctl(2), PR_SET_TIMERSLACK). The addon arms a timer for each entry into an isolate, and a thread of its wakes up for each, long
 * after the entry has ended: `SharedDeadline` has many of them end within a millisecond, and with this one waking does for them.
 */
const SLACK_NS = "1000000";
const FILE = "/proc/self/timerslack_ns";

/** Threads and processes that the main thread of this process starts have it from now on, and the main thread itself. */
export function slackenTimers(): void {
  setSlack(SLACK_NS);
}

/** The same for what is started in `start` only. */
export function withSlackTimers<Started>(start: () => Started): Started {
  const before = setSlack(SLACK_NS);
  try {
    return start();
  } finally {
    if (before !== undefined) setSlack(before);
  }
}

/**
 * Where the system has no such thing all works as well, and costs a little more.
 *
 * @returns what it was
 */
function setSlack(ns: string): string | undefined {
  try {
    const before = readFileSync(FILE, "latin1").trim();
    writeFileSync(FILE, ns);
    return before;
  } catch {
    return undefined;
  }
}
