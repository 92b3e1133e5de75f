import type { Tally } from "../../sandbox/contract/stats.ts";
import type { RolloutConfig } from "../config/index.ts";
import { addShadows, addTallies } from "../workers/tallies.ts";
import { findHarm, type Harm } from "./health.ts";
import type { CanaryState, RolloutEvent, RolloutState, RolloutStep } from "./rollout-state.ts";

export const NOTHING: Tally = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };

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
  const { state: next, news } = event.isShared
    ? wait(stable, { version, rollout, now })
    : begin(stable, { version, rollout, now });
  return { state: next, news: [...giveUp({ stable }, canary).news, ...news] };
}

function giveUp(state: RolloutState, canary: CanaryState | undefined): RolloutStep {
  const isOver = canary !== undefined && canary.version !== state.stable;
  return { state, news: isOver ? [{ what: "given up", version: canary.version }] : [] };
}

interface Beginning {
  readonly version: string;
  readonly rollout: RolloutConfig;
  readonly now: number;
}

/** Nobody has it until the other machines have been heard. */
function wait(stable: string, { version, rollout, now }: Beginning): RolloutStep {
  const numbers = { canary: NOTHING, stable: NOTHING };
  const canary = { version, config: rollout, step: 0, share: 0, since: now, isPaused: false, numbers };
  return { state: { stable, canary }, news: [] };
}

function begin(stable: string, { version, rollout, now }: Beginning): RolloutStep {
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
  { rollout, isShared, now }: Extract<RolloutEvent, { type: "config" }>,
): RolloutStep {
  if (rollout === undefined) return canary.isPaused ? stay(state) : finish(canary);
  if (isShared) return stay({ ...state, canary: { ...canary, config: rollout } });
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

export function takeBack({ stable }: RolloutState, canary: CanaryState, harm: Harm): RolloutStep {
  const { version, share, step, at, numbers } = canary;
  const takenBack = { version, share, step, ...(at && { at }), numbers, ...harm };
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

export function ofNextStep({ sessions, closes }: Tally): Tally {
  return { ...NOTHING, sessions, closes };
}

export function finish({ version }: CanaryState): RolloutStep {
  return { state: { stable: version }, news: [{ what: "finished", version }] };
}

function pause(state: RolloutState, canary: CanaryState, what: "paused" | "resumed"): RolloutStep {
  return { state: { ...state, canary }, news: [{ what, version: canary.version }] };
}
