import type { RolloutConfig } from "../config/index.ts";
import { followFleet } from "./follow.ts";
import { wayOf } from "./own-way.ts";
import type { RolloutState, RolloutStep } from "./rollout-state.ts";
import type { OwnWay, SharedOverview, SharedPlace, SharedWay, SharedWord } from "./shared-way.ts";

/** `impossible`: the policy has none that this could be said of; `problem`: why the other machines, whom it takes, cannot be told. */
export type Told = "done" | "impossible" | { readonly problem: string };

export interface SharingOptions {
  stateOf(policy: string): RolloutState | undefined;
  /** Undefined: new versions of it are for all at once. */
  configOf(policy: string): RolloutConfig | undefined;
  /** @returns whether anything is to be planned anew */
  take(policy: string, step: RolloutStep): boolean;
}

/** What this machine tells the others of a fleet, and does as all have agreed on. */
export interface Sharing {
  /** @returns whether anything is to be planned anew */
  shareAll(policies: Iterable<string>): Promise<boolean>;
  /** Whether it has anything that all of them could be told of. */
  isShared(policy: string): boolean;
  tell(policy: string, word: SharedWord): Promise<Told>;
  overview(policy: string): Promise<SharedOverview | undefined>;
}

export function createSharing(shared: SharedWay, options: SharingOptions): Sharing {
  const { stateOf, configOf, take } = options;

  function ownWay(policy: string): OwnWay | undefined {
    const state = stateOf(policy);
    const way = state && wayOf(state);
    const config = state?.canary?.config ?? configOf(policy);
    return way && config && { policy, ...way, config };
  }

  /** @param own what the others were told: what has happened here since then holds */
  function follow(own: OwnWay, place: SharedPlace | undefined): boolean {
    const { policy, version, config } = own;
    const state = stateOf(policy);
    const way = state && wayOf(state);
    if (state === undefined || place === undefined || way?.version !== version) return false;
    if ((way.harm === undefined) !== (own.harm === undefined)) return false;
    return take(policy, followFleet(state, { version, place, config, now: performance.now() }));
  }

  return {
    async shareAll(policies) {
      const shares = [...policies].map(async (policy) => {
        const own = ownWay(policy);
        return own !== undefined && follow(own, await shared.report(own));
      });
      return (await Promise.all(shares)).includes(true);
    },
    isShared: (policy) => ownWay(policy) !== undefined,
    async tell(policy, word) {
      const own = ownWay(policy);
      if (own === undefined) return "impossible";
      try {
        const place = await shared.tell(own, word);
        if (place === undefined) return "impossible";
        follow(own, place);
        return "done";
      } catch (error) {
        return { problem: (error as Error).message };
      }
    },
    async overview(policy) {
      const own = ownWay(policy);
      return own && shared.overview(own);
    },
  };
}
