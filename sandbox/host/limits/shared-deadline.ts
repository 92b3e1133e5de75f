/** How much longer than its limit an entry may run, so that others end with it. */
const MAX_SPREAD_MS = 16;
/** Of its limit, at most. */
const SPREAD_SHARE = 1 / 4;
/** Between the clock being read here and by the addon, a little more than it takes. */
const SLACK_MS = 0.05;

/**
 * For how long entries may run, so that many of them end at one moment. Each entry arms a timer of the addon's, and one that
 * has not been needed is not taken back: a thread wakes up at its time to find that out, which costs as much as a short entry.
 * The timers that are due at one moment need one waking:
 *
 *          limit            spread
 *   ├────────────────────┼─────────┤
 *   first entry                    ╎ all of these end here, or less than a millisecond later
 *        ├─────────────────────────┤
 *              second              ╎
 *             ├────────────────────┤
 *                     last         ╎
 *               ├──────────────────── … would have less than its limit: the first of the next
 *
 * Never before the first: a timer that is due before all others of a thread gets a thread of its own.
 */
export class SharedDeadline {
  #at = 0;

  /**
   * @param now on the machine's clock
   * @param limitMs a whole number
   * @returns at least the limit, in whole milliseconds
   */
  timeoutFor(now: number, limitMs: number): number {
    const most = limitMs + Math.min(MAX_SPREAD_MS, Math.floor(limitMs * SPREAD_SHARE));
    const left = Math.ceil(this.#at + SLACK_MS - now);
    if (left >= limitMs && left <= most) return left;
    this.#at = now + most;
    return most;
  }
}
