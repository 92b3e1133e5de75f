import type { RolloutConfig } from "../config/index.ts";
import type { Harm, Numbers } from "./health.ts";

/** Where all machines of a fleet stand with a version. */
export interface SharedStage {
  /** How often it has begun: once more each time that an operator has it tried again. */
  readonly round: number;
  /** Position in the steps of machines and, behind them, of sessions. */
  readonly stage: number;
}

export interface SharedPlace extends SharedStage {
  readonly state: "on its way" | "paused" | "taken back" | "finished";
  /** Position in the steps of sessions. */
  readonly step: number;
  /** Of the sessions of the machines that have it. */
  readonly share: number;
  /** Whether this machine is one of them. */
  readonly isTakingPart: boolean;
  /** Why it was taken back. */
  readonly harm: Harm;
}

/** What this machine knows of a version. */
export interface OwnWay {
  readonly policy: string;
  readonly version: string;
  readonly config: RolloutConfig;
  /** Undefined: nothing has been heard of the others yet. */
  readonly at: SharedStage | undefined;
  readonly isTakingPart: boolean;
  readonly numbers: Numbers;
  /** It was taken back here. */
  readonly harm: Harm | undefined;
}

export type SharedWord =
  | { readonly type: "promote"; readonly to?: number | undefined }
  | { readonly type: "pause" | "resume" };

/** A machine that has the version, as the others see it. */
export interface SharedMachine {
  readonly node: string;
  /** `silent`: it has not been heard of for as long as its lease; `waiting`: it has the version before. */
  readonly state: "taking part" | "waiting" | "taken back" | "silent";
  /** Since it was heard of last. */
  readonly seenMs: number;
  readonly numbers: Numbers;
}

export interface SharedOverview {
  readonly place: SharedPlace;
  /** By name. */
  readonly machines: readonly SharedMachine[];
  /** Of all of them that are heard of. */
  readonly numbers: Numbers;
}

/** The way of versions that all machines of a fleet go together. */
export interface SharedWay {
  /** Tells the others, and does what is due. @returns undefined: they cannot be reached, and all stays as it is */
  report(own: OwnWay): Promise<SharedPlace | undefined>;
  /** @returns undefined: it cannot be said of this. Rejects when the others cannot be reached */
  tell(own: OwnWay, word: SharedWord): Promise<SharedPlace | undefined>;
  /** Undefined: no machine has said anything of it. Rejects when the others cannot be reached. */
  overview(own: OwnWay): Promise<SharedOverview | undefined>;
  /** This machine has nothing more to do with it. */
  leave(policy: string, version: string): void;
  /** Others have moved on. */
  onMove(listener: () => void): void;
}
