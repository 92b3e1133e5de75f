import type { Tally } from "../../sandbox/contract/stats.ts";
import type { RolloutConfig } from "../config/index.ts";
import { addShadows, addTallies, type ShadowNumbers } from "../workers/tallies.ts";
import { findHarm, type Harm, type Numbers } from "./health.ts";

/**
 * How the newest version of one policy comes to sessions:
 *
 *                 a version comes              `every` and `minCalls`, and no harm
 *   stable ─────────────────────────▶ canary at a step ─────────────────────────▶ canary at the next ──▶ …
 *    ▲  ▲                              │        │  ▲ │                                   │
 *    │  │  100%, or no rollout any more│        │  │ └─ pause, resume                    │
 *    │  └──────────────────────────────┘        │  └──── a newer version comes: it begins at the first step
 *    │                                          │ harm, or abort
 *    │ the file has another version             ▼
 *    └──────────────────────────────────── taken back ── promote: it begins anew
 *
 * Times are those of a clock that nobody sets, in milliseconds; shares go from 0 to 1.
 */
export interface RolloutState {
  /** The version of all sessions that are not on the side of the one on its way. */
  readonly stable: string;
  readonly canary?: CanaryState;
  /** Not tried again by itself. */
  readonly takenBack?: TakenBack;
}

export interface CanaryState {
  readonly version: string;
  readonly config: RolloutConfig;
  /** Position in the steps. */
  readonly step: number;
  readonly share: number;
  /** When the step began. */
  readonly since: number;
  readonly isPaused: boolean;
  /** Calls of this step; sessions, and what it said as a shadow, since the first. */
  readonly numbers: Numbers;
}

export interface TakenBack extends Harm {
  readonly version: string;
  /** How far it had come. */
  readonly share: number;
  readonly step: number;
  readonly numbers: Numbers;
}

export type RolloutEvent =
  /** The file has this version now. @param rollout undefined: it is for all sessions at once */
  | {
      readonly type: "version";
      readonly version: string;
      readonly rollout: RolloutConfig | undefined;
      /** An operator wants it, at once. */
      readonly isByHand: boolean;
      readonly now: number;
    }
  /** The file is gone. */
  | { readonly type: "gone" }
  /** The config says otherwise than before. @param rollout undefined: new versions are for all sessions at once */
  | { readonly type: "config"; readonly rollout: RolloutConfig | undefined; readonly now: number }
  /** What there was since the last ones. */
  | {
      readonly type: "numbers";
      readonly version: string;
      readonly canary: Tally;
      readonly stable: Tally;
      readonly shadow: ShadowNumbers;
      readonly isBroken: boolean;
    }
  /** This version has cost its host, or does not load. */
  | { readonly type: "offence"; readonly version: string; readonly harm: Harm }
  | { readonly type: "clock"; readonly now: number }
  /** @param to the share; absent: that of the next step */
  | {
      readonly type: "promote";
      readonly to: number | undefined;
      readonly rollout: RolloutConfig | undefined;
      readonly now: number;
    }
  | { readonly type: "abort" }
  | { readonly type: "pause" }
  | { readonly type: "resume"; readonly now: number };

/** What there is to tell. `given up`: another version, or none, is wanted now. */
export type RolloutNews =
  | {
      readonly what: "begun" | "moved";
      readonly version: string;
      readonly step: number;
      readonly share: number;
    }
  | { readonly what: "finished" | "given up" | "paused" | "resumed"; readonly version: string }
  | ({ readonly what: "taken back" } & TakenBack);

export interface RolloutStep {
  readonly state: RolloutState;
  /** Something to plan anew for, unless it is empty. */
  readonly news: readonly RolloutNews[];
}

const NOTHING: Tally = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };

export function advanceRollout(state: RolloutState, event: RolloutEvent): RolloutStep {
  const { canary } = state;
  switch (event.type) {
    case "version":
      return take(state, event);
    case "gone":
      return giveUp({ stable: state.stable }, canary);
    case "config":
      return canary === undefined ? stay(state) : configure(state, canary, event);
    case "numbers":
      return canary?.version === event.version ? count(state, canary, event) : stay(state);
    case "offence":
      return canary?.version === event.version ? takeBack(state, canary, event.harm) : stay(state);
    case "clock":
      return canary !== undefined && isDue(canary, event.now)
        ? moveOn(state, canary, event.now)
        : stay(state);
    case "promote":
      return promote(state, event);
    case "abort":
      return canary === undefined
        ? stay(state)
        : takeBack(state, canary, { rule: "operator", detail: "an operator said so" });
    case "pause":
      return canary === undefined || canary.isPaused
        ? stay(state)
        : pause(state, { ...canary, isPaused: true }, "paused");
    case "resume":
      return canary?.isPaused !== true
        ? stay(state)
        : pause(state, { ...canary, isPaused: false, since: event.now }, "resumed");
  }
}

function stay(state: RolloutState): RolloutStep {
  return { state, news: [] };
}

function take(state: RolloutState, event: Extract<RolloutEvent, { type: "version" }>): RolloutStep {
  const { version, rollout, isByHand, now } = event;
  const { stable, canary, takenBack } = state;
  if (version === stable) return giveUp({ stable }, canary);
  if (isByHand) return giveUp({ stable: version }, canary);
  // Whatever the config says meanwhile: it has done harm.
  if (version === canary?.version || version === takenBack?.version) return stay(state);
  if (rollout === undefined) return giveUp({ stable: version }, canary);
  const { state: next, news } = begin(stable, { version, rollout, now });
  return { state: next, news: [...giveUp({ stable }, canary).news, ...news] };
}

function giveUp(state: RolloutState, canary: CanaryState | undefined): RolloutStep {
  const isOver = canary !== undefined && canary.version !== state.stable;
  return { state, news: isOver ? [{ what: "given up", version: canary.version }] : [] };
}

function begin(
  stable: string,
  {
    version,
    rollout,
    now,
  }: { readonly version: string; readonly rollout: RolloutConfig; readonly now: number },
): RolloutStep {
  const share = rollout.steps[0] ?? 1;
  if (share >= 1) return { state: { stable: version }, news: [{ what: "finished", version }] };
  const numbers = { canary: NOTHING, stable: NOTHING };
  const canary = { version, config: rollout, step: 0, share, since: now, isPaused: false, numbers };
  return { state: { stable, canary }, news: [{ what: "begun", version, step: 0, share }] };
}

/** A share does not shrink: sessions keep their side. While it is paused it does not grow either. */
function configure(
  state: RolloutState,
  canary: CanaryState,
  { rollout, now }: Extract<RolloutEvent, { type: "config" }>,
): RolloutStep {
  if (rollout === undefined) return canary.isPaused ? stay(state) : finish(canary);
  const step = Math.max(
    0,
    rollout.steps.findLastIndex((share) => share <= canary.share),
  );
  const next = { ...canary, config: rollout };
  const share = canary.isPaused ? canary.share : Math.max(canary.share, rollout.steps[step] ?? 0);
  return share === canary.share && step === canary.step
    ? stay({ ...state, canary: next })
    : goTo(state, next, { step, share, now });
}

function count(
  state: RolloutState,
  canary: CanaryState,
  event: Extract<RolloutEvent, { type: "numbers" }>,
): RolloutStep {
  const numbers = {
    canary: addTallies(canary.numbers.canary, event.canary),
    stable: addTallies(canary.numbers.stable, event.stable),
    shadow: addShadows(canary.numbers.shadow, event.shadow),
  };
  const counted = { ...canary, numbers };
  const harm = event.isBroken
    ? ({ rule: "breaker", detail: "it has failed so often in a row that no calls reach it" } as const)
    : findHarm(numbers, canary.config);
  return harm === undefined ? stay({ ...state, canary: counted }) : takeBack(state, counted, harm);
}

function takeBack({ stable }: RolloutState, canary: CanaryState, harm: Harm): RolloutStep {
  const { version, share, step, numbers } = canary;
  const takenBack = { version, share, step, numbers, ...harm };
  return { state: { stable, takenBack }, news: [{ what: "taken back", ...takenBack }] };
}

function isDue({ isPaused, since, numbers, config }: CanaryState, now: number): boolean {
  return !isPaused && now - since >= config.everyMs && numbers.canary.calls >= config.minCalls;
}

/** Behind the last step there is nothing, unless an operator says so. */
function moveOn(state: RolloutState, canary: CanaryState, now: number): RolloutStep {
  const step = canary.step + 1;
  const share = canary.config.steps[step];
  return share === undefined ? stay(state) : goTo(state, canary, { step, share, now });
}

function promote(state: RolloutState, event: Extract<RolloutEvent, { type: "promote" }>): RolloutStep {
  const { to, rollout, now } = event;
  const { stable, canary, takenBack } = state;
  if (canary === undefined) {
    if (takenBack === undefined) return stay(state);
    const { version } = takenBack;
    if (rollout === undefined || (to ?? 0) >= 1)
      return { state: { stable: version }, news: [{ what: "finished", version }] };
    return begin(stable, { version, rollout, now });
  }
  const { steps } = canary.config;
  const share = to ?? steps[canary.step + 1] ?? 1;
  if (share <= canary.share) return stay(state);
  const step = Math.max(
    canary.step,
    steps.findLastIndex((each) => each <= share),
  );
  return goTo(state, canary, { step, share, now });
}

function goTo(
  state: RolloutState,
  canary: CanaryState,
  { step, share, now }: { readonly step: number; readonly share: number; readonly now: number },
): RolloutStep {
  if (share >= 1) return finish(canary);
  const { numbers: before } = canary;
  const numbers = { ...before, canary: ofNextStep(before.canary), stable: ofNextStep(before.stable) };
  const { version } = canary;
  return {
    state: { ...state, canary: { ...canary, step, share, since: now, numbers } },
    news: [{ what: "moved", version, step, share }],
  };
}

function ofNextStep({ sessions, closes }: Tally): Tally {
  return { ...NOTHING, sessions, closes };
}

function finish({ version }: CanaryState): RolloutStep {
  return { state: { stable: version }, news: [{ what: "finished", version }] };
}

function pause(state: RolloutState, canary: CanaryState, what: "paused" | "resumed"): RolloutStep {
  return { state: { ...state, canary }, news: [{ what, version: canary.version }] };
}
