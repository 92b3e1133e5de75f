import type { Tally } from "../../sandbox/contract/stats.ts";
import type { RolloutConfig } from "../config/index.ts";
import type { ShadowNumbers } from "../workers/tallies.ts";
import type { Harm, Numbers } from "./health.ts";
import type { SharedStage } from "./shared-way.ts";

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
  /** Where it stands in a fleet, which goes its way together: undefined without one, and before anything is heard of the others. */
  readonly at?: SharedStage;
  /** Calls of this step; sessions, and what it said as a shadow, since the first. */
  readonly numbers: Numbers;
}

export interface TakenBack extends Harm {
  readonly version: string;
  /** How far it had come. */
  readonly share: number;
  readonly step: number;
  readonly at?: SharedStage;
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
      /** All machines of a fleet say together when it begins. */
      readonly isShared?: boolean;
      readonly now: number;
    }
  /** The file is gone. */
  | { readonly type: "gone" }
  /** The config says otherwise than before. @param rollout undefined: new versions are for all sessions at once */
  | {
      readonly type: "config";
      readonly rollout: RolloutConfig | undefined;
      readonly isShared?: boolean;
      readonly now: number;
    }
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
