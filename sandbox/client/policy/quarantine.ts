import type { QuarantineReason } from "../../contract/faults.ts";

/**
 * A version that has cost its host runs in one of its own, until it has behaved for the term, or another version comes
 * (that one is another key, and free):
 *
 *            offence              offence, or word of one elsewhere: the term begins anew
 *   free ──────────────▶ apart ───────────────┐
 *    ▲   or word of one    │ ▲                 │
 *    └─────────────────────┘ └─────────────────┘
 *      the term is over
 *
 * Word goes out when it is news, and again while offences go on, but not for each of them.
 */
export type QuarantineState =
  | { readonly type: "free" }
  | {
      readonly type: "apart";
      readonly reason: QuarantineReason;
      readonly until: number;
      /** The end of the term that others know of. */
      readonly toldUntil: number;
    };

export type QuarantineEvent =
  | { readonly type: "offence"; readonly reason: QuarantineReason; readonly now: number }
  /** Another worker says that it is apart until then. */
  | { readonly type: "word"; readonly reason: QuarantineReason; readonly until: number }
  | { readonly type: "time"; readonly now: number };

export interface QuarantineStep {
  readonly state: QuarantineState;
  /** Others are to be told. */
  readonly isNews: boolean;
}

export const FREE: QuarantineState = { type: "free" };

/** Of a term, what may pass before others are told again. */
const SILENT_SHARE = 1 / 4;

export function advanceQuarantine(
  state: QuarantineState,
  event: QuarantineEvent,
  termMs: number,
): QuarantineStep {
  switch (event.type) {
    case "offence": {
      const { reason, now } = event;
      const until = now + termMs;
      if (state.type === "apart" && until - state.toldUntil < termMs * SILENT_SHARE)
        return { state: { ...state, reason, until: Math.max(until, state.until) }, isNews: false };
      return { state: { type: "apart", reason, until, toldUntil: until }, isNews: true };
    }
    case "word": {
      const { reason, until } = event;
      if (state.type === "free")
        return { state: { type: "apart", reason, until, toldUntil: until }, isNews: false };
      const latest = { until: Math.max(until, state.until), toldUntil: Math.max(until, state.toldUntil) };
      return { state: { ...state, ...latest }, isNews: false };
    }
    case "time":
      return { state: state.type === "apart" && event.now >= state.until ? FREE : state, isNews: false };
  }
}
