import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Settle, Settlement } from "../../leases/settled/account.ts";
import type { Level } from "../../leases/settled/token-bucket.ts";
import type { FleetStore } from "../store.ts";
import { readLevel, settleArgs, settleRate } from "./level-script.ts";

/** A store that gives no answer is asked nothing more until it does. */
const PATIENCE_MS = 500;

export interface FleetLevels {
  readonly settle: Settle;
  /** Messages of which the store has not said that it counts them. */
  alone(): number;
}

/** The book of buckets of a fleet, in Redis; while that cannot be asked each machine goes by its own. */
export function createFleetLevels(store: Pick<FleetStore, "key" | "script">): FleetLevels {
  let isHeldUp = false;
  let alone = 0;

  async function ask(settlement: Settlement): Promise<Level | undefined> {
    // Each key is by itself, so that the nodes of a Redis Cluster share them; of one length, whatever clients send.
    const tag = hash("sha256", settlement.key, "base64url").slice(0, 22);
    try {
      const keys = [store.key(tag, "level")] as const;
      return readLevel(
        await store.script(settleRate, { keys, args: settleArgs(settlement) }),
        settlement.limit,
      );
    } catch {
      // Its loss is told by the link. What was let in meanwhile is counted here.
      return undefined;
    }
  }

  async function askAll(settlements: readonly Settlement[]): Promise<readonly (Level | undefined)[]> {
    if (isHeldUp) return [];
    isHeldUp = true;
    const levels = Promise.all(settlements.map(ask)).finally(() => {
      isHeldUp = false;
    });
    const patience = new AbortController();
    const tired = delay(PATIENCE_MS, [], { signal: patience.signal }).catch(() => []);
    const answer = await Promise.race([levels, tired]);
    patience.abort();
    return answer;
  }

  return {
    async settle(settlements) {
      const levels = await askAll(settlements);
      settlements.forEach(({ messages }, index) => {
        if (levels[index] === undefined) alone += messages;
      });
      return levels;
    },
    alone: () => alone,
  };
}
