/**
 * Calls that a host owes an answer to. Each is ended inside of the host when its time is up; a host that does not is not
 * the one that was started, however well it answers pings. Looked at now and then, so that no call has a timer of its own:
 *
 *            it is its turn: the first of its instance           it is pending
 *   waits ─────────────────────────────────────────▶ counted ────────────────────▶ counted anew
 *                                                       │                              │
 *                                                       └──────────────┬───────────────┘
 *                                                                      ▼  seen so for longer than it may be
 *                                                                   overdue
 */
export interface CallUnderWay {
  /** Tells it from all others. */
  readonly order: number;
  readonly instance: number;
  readonly isPending: boolean;
}

interface Waited extends CallUnderWay {
  readonly looks: number;
}

/** By order. */
export type WaitedCalls = ReadonlyMap<number, Waited>;

export const nothingWaited: WaitedCalls = new Map();

/** How often a call may be seen in the same state. */
export interface LookLimits {
  readonly running: number;
  readonly pending: number;
}

export const LOOK_MS = 1000;
/** Beyond its time: the machine may be busy, and others of the same host have their turns. */
const SLACK_MS = 30_000;

export function lookLimits(hookTimeoutMs: number, asyncTimeoutMs: number): LookLimits {
  const looks = (ms: number) => Math.ceil((ms + SLACK_MS) / LOOK_MS);
  return { running: looks(hookTimeoutMs), pending: looks(asyncTimeoutMs) };
}

/** @param now all calls under way, in the order that they were sent */
export function lookAtCalls(
  before: WaitedCalls,
  now: readonly CallUnderWay[],
  limits: LookLimits,
): { readonly waited: WaitedCalls; readonly overdue: readonly number[] } {
  const waited = new Map<number, Waited>();
  const overdue: number[] = [];
  const haveTurn = new Set<number>();
  for (const { order, instance, isPending } of now) {
    if (!isPending) {
      if (haveTurn.has(instance)) continue;
      haveTurn.add(instance);
    }
    const last = before.get(order);
    const isSame = last?.instance === instance && last.isPending === isPending;
    const looks = isSame ? last.looks + 1 : 0;
    waited.set(order, { order, instance, isPending, looks });
    if (looks > (isPending ? limits.pending : limits.running)) overdue.push(order);
  }
  return { waited, overdue };
}
