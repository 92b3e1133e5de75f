/** An entry into an isolate, as the journal has it at a moment. */
export interface SeenEntry {
  /** 0: nothing runs. */
  readonly entry: number;
  readonly limitMs: number;
}

/**
 * Whether one entry takes far more of the CPU than it may. CPU time and not the clock: a host that a busy machine does
 * not let run has done nothing wrong.
 *
 *              an entry is seen                         it is seen again, and has used more than it may
 *   nothing ──────────────────────▶ seen, and since when ─────────────────────────────────────────────▶ hangs
 *      ▲                                │ ▲     │
 *      └────────────────────────────────┘ └─────┘
 *        nothing runs                       another entry
 */
export interface EntryWatch {
  readonly entry: number;
  /** CPU time of the host when the entry was seen first. */
  readonly sinceMs: number;
}

export const NOTHING_SEEN: EntryWatch = { entry: 0, sinceMs: 0 };

/** Beyond its limit: for what surrounds an entry, and until the engine has stopped it. */
const GRACE_MS = 25;

/** @param cpuMs CPU time of the host's main thread so far */
export function advanceWatch(
  state: EntryWatch,
  seen: SeenEntry,
  cpuMs: number,
): { readonly state: EntryWatch; readonly hangsForMs?: number } {
  if (seen.entry === 0) return { state: NOTHING_SEEN };
  if (seen.entry !== state.entry) return { state: { entry: seen.entry, sinceMs: cpuMs } };
  const usedMs = cpuMs - state.sinceMs;
  return usedMs > seen.limitMs + GRACE_MS ? { state, hangsForMs: usedMs } : { state };
}
