/**
 * The hosts of one isolation group, as they have been heard of. Pure: the keeper carries out what is commanded.
 *
 * The one that serves:
 *
 *                  ready                lost
 *   ┌▶ starting ───────────▶ serving ─────────▶ another serves: the one that stands by, ready or not;
 *   │     │ lost: another, as well              if there is none, a new one is started
 *   │     │
 *   │     │ lost, the second in a row before it was ready, and nobody stands by
 *   │     ▼
 *   └── absent
 *     rested
 *
 * The one that stands by, if the group is to have one:
 *
 *             calm: nothing is being started or loaded               ready
 *   absent ──────────────────────────────────────────▶ starting ─────────────▶ ready
 *     ▲                                                    │                     │
 *     └────────────────────────────────────────────────────┴─────────────────────┘  lost, or promoted
 */
export interface Lineup {
  readonly serving: HostStage;
  readonly standby: HostStage;
  /** How many that were to serve have been lost in a row before they were ready. */
  readonly failures: number;
}

export type HostStage = "absent" | "starting" | "ready";

export type LineupEvent =
  | "ready"
  | "lost"
  /** The pause before another start is over. */
  | "rested"
  /** It is a good time to start one that stands by. */
  | "calm"
  | "standby-ready"
  | "standby-lost";

export type LineupCommand =
  | { readonly type: "start" }
  | { readonly type: "start-standby" }
  /** The one that stands by serves from now on. */
  | { readonly type: "promote" }
  | { readonly type: "rest"; readonly ms: number };

export interface LineupStep {
  readonly state: Lineup;
  readonly command?: LineupCommand;
}

/** The first is being started. */
export const NEW_LINEUP: Lineup = { serving: "starting", standby: "absent", failures: 0 };

/** The second is tried at once: what one dies of may be an accident. */
const FAILURES_IN_A_ROW = 2;
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 5000;

/** What comes of a host too late changes nothing. */
export function advanceLineup(state: Lineup, event: LineupEvent): LineupStep {
  switch (event) {
    case "ready":
      return { state: state.serving === "starting" ? { ...state, serving: "ready", failures: 0 } : state };
    case "lost":
      return state.serving === "absent" ? { state } : replace(state);
    case "rested":
      if (state.serving !== "absent") return { state };
      return { state: { ...state, serving: "starting" }, command: { type: "start" } };
    case "calm":
      if (state.serving !== "ready" || state.standby !== "absent") return { state };
      return { state: { ...state, standby: "starting" }, command: { type: "start-standby" } };
    case "standby-ready":
      return { state: state.standby === "starting" ? { ...state, standby: "ready" } : state };
    case "standby-lost":
      return { state: { ...state, standby: "absent" } };
  }
}

function replace(state: Lineup): LineupStep {
  const { serving, standby } = state;
  const failures = serving === "starting" ? state.failures + 1 : state.failures;
  // One that is still starting is further than any that would be started now.
  if (standby !== "absent") {
    const next = {
      serving: standby,
      standby: "absent",
      failures: standby === "ready" ? 0 : failures,
    } as const;
    return { state: next, command: { type: "promote" } };
  }
  if (failures < FAILURES_IN_A_ROW)
    return { state: { ...state, serving: "starting", failures }, command: { type: "start" } };
  const ms = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** failures);
  return { state: { ...state, serving: "absent", failures }, command: { type: "rest", ms } };
}
