import type { PolicyFault } from "../../sandbox/contract/faults.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { BodyView } from "../verdicts/body-view.ts";
import type { VerdictView } from "../verdicts/verdict-view.ts";

/** One call of a hook in a replay. */
export interface ReplayedStep {
  readonly policy: string;
  readonly version: string;
  readonly hook: HookName;
  /** What it was called with. */
  readonly input: BodyView;
  readonly verdict: VerdictView;
  readonly fault?: PolicyFault;
}
