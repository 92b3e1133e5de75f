import type { PolicyBinding, PolicyBundle } from "../../sandbox/contract.ts";

/** Whose calls a shadow gets copies of. Plain data. */
export interface ShadowUse {
  /** The key of the use. */
  readonly use: string;
  /** Name of the shadow. */
  readonly shadow: string;
  readonly options: PolicyBinding["options"];
  /** Which share of the sessions has it, from 0 to 1. */
  readonly sample: number;
}

/** A version whose verdicts go nowhere. Plain data. */
export interface PlannedShadow {
  /** What tells it from all others, also in the log and among the bundles. */
  readonly name: string;
  /** That it is another version of. */
  readonly policy: string;
  /** For people: as the config has it, or "rollout". */
  readonly from: string;
  /** It is on its way to take the place of the current one, and no config asks for it. */
  readonly isCanary: boolean;
  readonly version: string;
  readonly fetch: boolean;
  /** Under its own name. Of one that the engine has been given before it is left out. */
  readonly bundle?: PolicyBundle;
}
