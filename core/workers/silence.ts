/**
 * Whether a worker has been silent for too long: it was asked, and has not answered.
 *
 *            it is time to look: ask           it is time to look, and silence was longer than it may be
 *   well ─────────────────────────────▶ asked ───────────────────────────────────────────────────────────▶ silent
 *     ▲                                   │
 *     └───────────────────────────────────┘
 *       an answer
 *
 * Silence counts only while our own loop turned, for an answer may lie unread, and without the time for which the
 * machine did not let the worker run: neither is the worker's fault.
 */
export type SilenceState =
  | { readonly at: "well" }
  | { readonly at: "silent" }
  | { readonly at: "asked"; readonly since: number; readonly waitedMs: number };

export type SilenceEvent =
  | { readonly type: "answer" }
  | {
      readonly type: "look";
      readonly now: number;
      /** For how long the worker has waited for a CPU, since its start. */
      readonly waitedMs: number;
      /** Our own loop did not turn since the last look. */
      readonly wasBlocked: boolean;
    };

export const WELL: SilenceState = { at: "well" };

export function advanceSilence(state: SilenceState, event: SilenceEvent, silenceMs: number): SilenceState {
  if (state.at === "silent") return state;
  if (event.type === "answer") return WELL;
  const { now, waitedMs, wasBlocked } = event;
  if (state.at !== "asked" || wasBlocked) return { at: "asked", since: now, waitedMs };
  const silence = now - state.since - Math.max(0, waitedMs - state.waitedMs);
  return silence > silenceMs ? { at: "silent" } : state;
}
