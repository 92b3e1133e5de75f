/** An entry into an isolate, as the journal has it at a moment. */
export interface SeenEntry {
  /** 0: nothing runs. */
  readonly entry: number;
  readonly limitMs: number;
}

/** What the machine says of the thread that an entry runs on. */
export interface WatchedTime {
  /** What it has had of the CPU so far. */
  readonly cpuMs: number;
  /** The clock, and never that of the day. */
  readonly nowMs: number;
}

/**
 * Whether one entry does not end though its time is over. The engine stops JavaScript by the clock, at the entry's limit;
 * what goes on using the CPU after that cannot be stopped. CPU time tells it and not the clock: a thread that a busy
 * machine does not let run has done nothing wrong, nor has one that had not even half of its limit.
 *
 *              an entry is seen               the clock is at its limit             it has used the grace since,
 *   nothing ──────────────────────▶ in time ───────────────────────────▶ overdue ──────────────────────────────▶ hangs
 *      ▲                             │   ▲                                 │   ▲     and half its limit in all
 *      └─────────────────────────────┴───┼─────────────────────────────────┘   │
 *        nothing runs                    └─────────── another entry ───────────┘
 */
export interface EntryWatch {
  readonly entry: number;
  /** When it was seen first. */
  readonly since: WatchedTime;
  /** CPU time of the thread when the entry was seen to be at its limit. */
  readonly overdueAtCpuMs?: number;
}

const NEVER: WatchedTime = { cpuMs: 0, nowMs: 0 };
export const NOTHING_SEEN: EntryWatch = { entry: 0, since: NEVER };

/** CPU time for what surrounds an entry, and until the engine has stopped it, at least. */
const MIN_GRACE_MS = 25;
/** The engine stops it from another thread, which on a busy machine waits for its turn: who has patience has it with that as well. */
const GRACE_OF_SILENCE = 1 / 40;
/** Of its limit, by CPU time: with less it was starved, as `isStarved` has it for the host. */
const LEAST_SHARE = 0.5;

/** @param silenceMs how long a host may be silent */
export function graceMs(silenceMs: number): number {
  return Math.max(MIN_GRACE_MS, silenceMs * GRACE_OF_SILENCE);
}

/** @returns hangsForMs CPU time that the entry has used, when it hangs */
export function advanceWatch(
  state: EntryWatch,
  { entry, limitMs }: SeenEntry,
  time: WatchedTime,
  grace: number,
): { readonly state: EntryWatch; readonly hangsForMs?: number } {
  if (entry === 0) return { state: NOTHING_SEEN };
  if (entry !== state.entry) return { state: { entry, since: time } };
  const { since, overdueAtCpuMs } = state;
  if (overdueAtCpuMs === undefined) {
    const isOverdue = time.nowMs - since.nowMs >= limitMs;
    return { state: isOverdue ? { entry, since, overdueAtCpuMs: time.cpuMs } : state };
  }
  const usedMs = time.cpuMs - since.cpuMs;
  const hangs = time.cpuMs - overdueAtCpuMs > grace && usedMs >= limitMs * LEAST_SHARE;
  return hangs ? { state, hangsForMs: usedMs } : { state };
}
