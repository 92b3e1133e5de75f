/**
 * The life of a post, which always wants one worker. Pure: the post carries out what the state says.
 *
 *                 served                ended
 *   ──▶ starting ────────▶ serving ─────────────────┐
 *          ▲  │ ended                               ▼
 *          │  └─────────────────────────────────▶ pausing         any ── stop ──▶ stopped
 *          └────────────────── rested ──────────────┘
 *
 * A worker ends once, whatever it ended of, and only that brings its successor: so there is never more than one.
 */
export type PostState =
  | { readonly at: "starting" | "serving"; readonly failures: number }
  | { readonly at: "pausing"; readonly failures: number; readonly pauseMs: number }
  | { readonly at: "stopped" };

export type PostEvent =
  /** It runs the plan and listens. */
  | { readonly type: "served" }
  /** @param servedMs for how long it did that; 0: it never did */
  | { readonly type: "ended"; readonly servedMs: number }
  /** The pause is over. */
  | { readonly type: "rested" }
  | { readonly type: "stop" };

/** Who has served for this long has got over what the ones before died of. */
const LONG_SERVICE_MS = 10_000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export const NEW_POST: PostState = { at: "starting", failures: 0 };

/** What makes no sense in a state changes nothing. */
export function advancePost(state: PostState, event: PostEvent): PostState {
  if (state.at === "stopped") return state;
  switch (event.type) {
    case "served":
      return state.at === "starting" ? { ...state, at: "serving" } : state;
    case "ended": {
      if (state.at === "pausing") return state;
      const failures = event.servedMs >= LONG_SERVICE_MS ? 0 : state.failures + 1;
      return { at: "pausing", failures, pauseMs: pauseAfter(failures) };
    }
    case "rested":
      return state.at === "pausing" ? { at: "starting", failures: state.failures } : state;
    case "stop":
      return { at: "stopped" };
  }
}

/** None after an honest life, and longer with each short one. */
function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}
