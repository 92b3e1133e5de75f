import { NOTHING } from "./rollout.ts";
import type { OwnWay, SharedPlace, SharedWay } from "./shared-way.ts";
import { createTicker } from "./ticker.ts";

/** A version with which this machine has started: it has none before it to keep, whatever the others have agreed on. */
export interface Stray {
  readonly policy: string;
  readonly version: string;
  readonly place: SharedPlace;
}

export interface Strays {
  /** This machine has started with it. */
  look(way: Pick<OwnWay, "policy" | "version" | "config">): void;
  /** What is wrong with it here; undefined: nothing, or the others cannot be reached. */
  problemOf(policy: string, version: string): string | undefined;
  stop(): void;
}

/** The others may be out of reach as this machine starts. */
const LOOK_MS = 1_000;

/** @param onStray called once for each that the others have taken back, or have not come to the end with */
export function createStrays(shared: Pick<SharedWay, "overview">, onStray: (stray: Stray) => void): Strays {
  const waiting = new Map<string, OwnWay>();
  const found = new Map<string, Stray>();
  const ticker = createTicker({ pauseMs: () => (waiting.size > 0 ? LOOK_MS : undefined), tick });

  async function tick(): Promise<void> {
    for (const [policy, own] of waiting) {
      let place: SharedPlace | undefined;
      try {
        place = (await shared.overview(own))?.place;
      } catch {
        return;
      }
      waiting.delete(policy);
      if (place === undefined || place.state === "finished") continue;
      const stray = { policy, version: own.version, place };
      found.set(policy, stray);
      onStray(stray);
    }
  }

  return {
    look(way) {
      const numbers = { canary: NOTHING, stable: NOTHING };
      waiting.set(way.policy, { ...way, at: undefined, isTakingPart: false, numbers, harm: undefined });
      ticker.wake();
    },
    problemOf(policy, version) {
      const stray = found.get(policy);
      if (stray?.version !== version || stray.place.state !== "taken back") return undefined;
      return `the other machines have taken version ${version} back, and this one has started with it: ${stray.place.harm.detail}. Put the file right`;
    },
    stop: ticker.stop,
  };
}
