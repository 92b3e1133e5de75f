import type { RolloutConfig } from "../config/index.ts";
import { finish, NOTHING, ofNextStep, takeBack } from "./rollout.ts";
import type { CanaryState, RolloutNews, RolloutState, RolloutStep } from "./rollout-state.ts";
import type { SharedPlace } from "./shared-way.ts";

export interface FleetMove {
  readonly version: string;
  /** As all machines of the fleet have it. */
  readonly place: SharedPlace;
  readonly config: RolloutConfig;
  readonly now: number;
}

/** What one machine makes of what all have agreed on. */
export function followFleet(state: RolloutState, moved: FleetMove): RolloutStep {
  const { version, place, config, now } = moved;
  const { canary, takenBack } = state;
  if (canary?.version === version) return follow(state, canary, moved);
  if (takenBack?.version !== version) return { state, news: [] };
  const at = { round: place.round, stage: place.stage };
  if (place.state === "taken back") return { state: { ...state, takenBack: { ...takenBack, at } }, news: [] };
  // What the others have not heard of yet holds here.
  if (takenBack.at === undefined || place.round <= takenBack.at.round) return { state, news: [] };
  const numbers = { canary: NOTHING, stable: NOTHING };
  const anew = { version, config, step: 0, share: 0, since: now, isPaused: false, numbers };
  return follow({ stable: state.stable }, anew, moved);
}

function follow(state: RolloutState, canary: CanaryState, { place, now }: FleetMove): RolloutStep {
  const { version } = canary;
  const { round, stage, step, harm } = place;
  const at = { round, stage };
  switch (place.state) {
    case "finished":
      return finish(canary);
    case "taken back":
      return takeBack(state, { ...canary, at, step, share: place.share }, harm);
    case "on its way":
    case "paused": {
      const isPaused = place.state === "paused";
      const share = place.isTakingPart ? place.share : 0;
      const isSame = canary.at?.round === round && canary.at.stage === stage;
      const next = { ...canary, ...(isSame ? {} : begun(canary, round, now)), at, step, share, isPaused };
      const news: RolloutNews[] = [];
      if (share > 0 && (canary.share !== share || canary.step !== step))
        news.push({ what: canary.share > 0 ? "moved" : "begun", version, step, share });
      if (isPaused !== canary.isPaused) news.push({ what: isPaused ? "paused" : "resumed", version });
      return { state: { stable: state.stable, canary: next }, news };
    }
  }
}

/** Calls are those of a stage; sessions, and what it said as a shadow, those of a round. */
function begun({ at, numbers }: CanaryState, round: number, now: number) {
  if (at !== undefined && at.round !== round)
    return { since: now, numbers: { canary: NOTHING, stable: NOTHING } };
  const { canary, stable } = numbers;
  return { since: now, numbers: { ...numbers, canary: ofNextStep(canary), stable: ofNextStep(stable) } };
}
