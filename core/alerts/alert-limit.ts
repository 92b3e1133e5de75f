import { createTally } from "../../policies/reload/tally.ts";
import { countIn, type FullAt, type Refill, takeFrom } from "../../sandbox/index.ts";

/** Each policy's alerts: in each worker, so that they do not fill its way to the supervisor, and there once more, over all. */
const MOST_IN_A_MINUTE = 20;
const OF_POLICY: Refill = { most: MOST_IN_A_MINUTE, everyMs: 60_000 / MOST_IN_A_MINUTE };

/** While a policy raises too many, it is said once in so long. */
const LOST_EVERY_MS = 10_000;

/** @param onLost so many of this policy's did not pass */
export function createAlertLimit(
  onLost: (policy: string, count: number) => void,
  read: () => number = () => performance.now(),
): { pass(policy: string): boolean } {
  const policies = new Map<string, { fullAt: FullAt; readonly countLost: () => void }>();
  return {
    pass(policy) {
      const now = read();
      const known = policies.get(policy);
      const own = known ?? {
        fullAt: now,
        countLost: createTally(LOST_EVERY_MS, (count) => onLost(policy, count)),
      };
      if (known === undefined) policies.set(policy, own);
      const isThere = countIn(own.fullAt, OF_POLICY, now) > 0;
      if (isThere) own.fullAt = takeFrom(own.fullAt, 1, OF_POLICY, now);
      else own.countLost();
      return isThere;
    },
  };
}
