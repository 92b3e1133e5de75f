import type { Tally } from "../../sandbox/contract/stats.ts";
import type { RolloutConfig, ShareBound } from "../config/index.ts";
import type { ShadowNumbers } from "../workers/tallies.ts";

/** Why a version is taken back. */
export type RolloutRule =
  | "faults"
  | "closes"
  | "p99"
  | "shadowDiffs"
  | "breaker"
  | "host"
  | "load"
  | "options"
  | "operator";

export interface Harm {
  readonly rule: RolloutRule;
  /** With the numbers. */
  readonly detail: string;
}

/** How a version on its way does, and how the one before does in the same time. */
export interface Numbers {
  readonly canary: Tally;
  readonly stable: Tally;
  /** What it said as a shadow of the version before, since its first step; absent: it was none. */
  readonly shadow?: ShadowNumbers;
}

/** One session that ends is no share of anything. */
const MIN_SESSIONS = 20;

/**
 * Which bound is passed. Of too few calls the share is taken as if the rest of `minCalls` were good: a version that has
 * failed more than it may of all of them need not go on to fail. Of the version before too: one fault excuses nothing.
 */
export function findHarm(
  { canary, stable, shadow }: Numbers,
  { abort, minCalls }: Pick<RolloutConfig, "abort" | "minCalls">,
): Harm | undefined {
  const faults = exceeds(
    abort.faults,
    share(canary.faults, canary.calls, minCalls),
    share(stable.faults, stable.calls, minCalls),
  );
  if (faults !== undefined)
    return { rule: "faults", detail: `${canary.faults} of ${canary.calls} calls failed, ${faults}` };
  const closes = exceeds(
    abort.closes,
    share(canary.closes, canary.sessions, MIN_SESSIONS),
    share(stable.closes, stable.sessions, MIN_SESSIONS),
  );
  if (closes !== undefined)
    return {
      rule: "closes",
      detail: `it has ended ${canary.closes} of ${canary.sessions} sessions, ${closes}`,
    };
  const most = abort.shadowDiffs;
  if (most !== undefined && shadow !== undefined && share(shadow.differs, shadow.calls, minCalls) > most) {
    const { calls, differs } = shadow;
    const detail = `as a shadow of the version before it says otherwise in ${differs} of ${calls} calls, more than ${showShare(most)}`;
    return { rule: "shadowDiffs", detail };
  }
  return findDelay({ canary, stable }, abort.p99Ms, minCalls);
}

function findDelay(
  { canary, stable }: Numbers,
  added: number | undefined,
  minCalls: number,
): Harm | undefined {
  if (added === undefined || Math.min(canary.calls, stable.calls) < minCalls) return undefined;
  const [own, before] = [percentileMs(canary, 0.99), percentileMs(stable, 0.99)];
  if (own === undefined || before === undefined || own <= before + added) return undefined;
  const detail = `its p99 is ${showMs(own)}, that of the version before ${showMs(before)}; ${showMs(added)} more would do`;
  return { rule: "p99", detail };
}

/** @returns what it would have been allowed; undefined: it is */
function exceeds(bound: ShareBound | undefined, own: number, before: number): string | undefined {
  if (bound === undefined) return undefined;
  const most = bound.isOver ? before + bound.share : bound.share;
  if (own <= most) return undefined;
  return bound.isOver
    ? `more than ${showShare(bound.share)} above the ${showShare(before)} of the version before`
    : `more than ${showShare(bound.share)}`;
}

function share(part: number, whole: number, least: number): number {
  return part / Math.max(whole, least);
}

/** As exact as the buckets are. Undefined: there were no calls. */
export function percentileMs({ latency }: Pick<Tally, "latency">, part: number): number | undefined {
  const total = latency.reduce((sum, [, calls]) => sum + calls, 0);
  let seen = 0;
  for (const [upToMs, calls] of latency) {
    seen += calls;
    if (seen >= total * part) return upToMs;
  }
  return undefined;
}

export function showShare(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function showMs(ms: number): string {
  return `${Number(ms.toPrecision(3))}ms`;
}
