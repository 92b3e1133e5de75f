import type { HealthConfig } from "../../config/options/upstream/upstream-config.ts";

/** A server that comes back begins with this much of its weight. */
const LEAST_SHARE = 0.1;

/**
 * Whether one server gets new connections. Pure but for the clock it is given.
 *
 *   up ──failures──▶ ejected ──time──▶ returning ──slowStart──▶ up
 *                       ▲                  │
 *                       └─ one failure ◀───┘   (twice as long, up to maxEject)
 *
 * Beside it stands the word of the active checks: a server is healthy when it is not ejected and its last check was good.
 */
export interface TargetHealth {
  isHealthy(): boolean;
  /** How much of its weight it gets: from 0.1 to 1 while it comes back. */
  share(): number;
  /** A dial was answered. */
  succeed(): HealthChange;
  /** A dial was not answered. */
  fail(): HealthChange;
  /** An active check has ended. */
  check(isGood: boolean): HealthChange;
}

/** What is worth telling: a server went down, or has shown that it is up again. */
export type HealthChange = "down" | "up" | undefined;

export function createTargetHealth(options: () => HealthConfig, now: () => number): TargetHealth {
  let failures = 0;
  /** How many ejections since it was last up for good: each doubles the next. */
  let ejections = 0;
  let ejectedUntil = 0;
  /** It was ejected and has answered no dial since. */
  let isOnTrial = false;
  /** When its slow return began; undefined when it never left. */
  let returnedAt: number | undefined;
  let isCheckedDown = false;

  return {
    isHealthy: () => !isCheckedDown && !isEjected(),
    share() {
      const { slowStartMs } = options();
      if (returnedAt === undefined || slowStartMs === 0) return 1;
      return Math.min(1, Math.max(LEAST_SHARE, (now() - returnedAt) / slowStartMs));
    },
    succeed() {
      failures = 0;
      // All were ejected and this one was tried anyway: it has shown that it is there.
      if (isEjected()) {
        ejectedUntil = now();
        returnedAt = now();
      }
      if (!isOnTrial) {
        if (returnedAt !== undefined && now() - returnedAt >= options().slowStartMs) ejections = 0;
        return undefined;
      }
      isOnTrial = false;
      return isCheckedDown ? undefined : "up";
    },
    fail() {
      const { failures: most, ejectMs, maxEjectMs } = options();
      if (most === 0 || isEjected()) return undefined;
      failures++;
      if (failures < most && !isOnTrial) return undefined;
      const wasTold = isOnTrial;
      const lengthMs = Math.min(maxEjectMs, ejectMs * 2 ** ejections);
      failures = 0;
      ejections++;
      ejectedUntil = now() + lengthMs;
      returnedAt = ejectedUntil;
      isOnTrial = true;
      return wasTold || isCheckedDown ? undefined : "down";
    },
    check(isGood) {
      if (isGood !== isCheckedDown) return undefined;
      isCheckedDown = !isGood;
      if (isGood) returnedAt = Math.max(now(), returnedAt ?? 0);
      return isOnTrial ? undefined : isGood ? "up" : "down";
    },
  };

  function isEjected(): boolean {
    return now() < ejectedUntil;
  }
}
