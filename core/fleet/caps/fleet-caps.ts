import { randomBytes } from "node:crypto";
import type { CapStore, StoreAnswer, StoreQuestion } from "../../leases/caps/cap-store.ts";
import type { FleetStore } from "../store.ts";
import { type CapGroup, createCapGroup } from "./cap-group.ts";

export interface FleetCapsOptions {
  readonly store: Pick<FleetStore, "key" | "script">;
  /** That share the caps, as known last. */
  nodes(): number;
  /** From now on this machine has its share of each cap, or of those that lie where Redis is lost. */
  onLost(reason: string): void;
  /** The store counts again. @param over so many are open here beyond the caps */
  onBack(over: number): void;
  /** A cap that nobody has told of for so long is gone. Default: an hour. */
  readonly keptMs?: number;
}

export interface FleetCaps extends CapStore {
  /** Places that this machine has beyond caps: of a time when the store was lost, or of a cap that was lowered. */
  readonly over: number;
  start(): void;
  /** All that this machine has is free. Settles also when nobody hears it: its lease ends then. */
  leave(): Promise<void>;
}

/** Caps of one group share the lease of each node, which is renewed for all of them at once; groups spread over a Redis Cluster. */
const GROUPS = 32;
const KEPT_MS = 60 * 60_000;

/**
 * The caps of a fleet, in Redis: of each cap how many places each node has. A node says how many it has and never how many more or less,
 * so that nothing is counted twice, whatever was lost on its way. One that is not heard of for a few seconds has none; when it is back,
 * it says anew what it has.
 */
export function createFleetCaps(options: FleetCapsOptions): FleetCaps {
  const { store, nodes, onLost, onBack, keptMs = KEPT_MS } = options;
  // One that was killed and has come again under its name has none of what it had.
  const self = randomBytes(9).toString("base64url");
  const groups = new Map<number, CapGroup>();
  let isLost = false;
  let isStarted = false;

  function groupAt(number: number): CapGroup {
    const known = groups.get(number);
    if (known !== undefined) return known;
    const group = createCapGroup({
      ...{ store, self, keptMs, decide, tag: `caps-${number}` },
      onLost(reason) {
        if (!isLost) onLost(reason);
        isLost = true;
      },
      onTold() {
        if (!isLost || [...groups.values()].some(({ isBehind }) => isBehind)) return;
        isLost = false;
        onBack(overOf());
      },
    });
    groups.set(number, group);
    if (isStarted) group.start();
    return group;
  }

  function decide({ most, onStoreLoss, holding, want }: StoreQuestion): StoreAnswer {
    switch (onStoreLoss) {
      // No more than the cap together, as long as the nodes agree on how many they are.
      case "local": {
        const share = Math.max(1, Math.floor(most / nodes()));
        return { granted: Math.max(0, Math.min(want, share - holding)), mayKeep: false };
      }
      case "closed":
        return { granted: 0, mayKeep: false };
      case "open":
        return { granted: want, mayKeep: false };
    }
  }

  function overOf(): number {
    return [...groups.values()].reduce((sum, { over }) => sum + over, 0);
  }

  return {
    get over() {
      return overOf();
    },
    lease: (key, question) => groupAt(groupOf(key)).lease(key, question),
    start() {
      isStarted = true;
      for (const group of groups.values()) group.start();
    },
    async leave() {
      isStarted = false;
      await Promise.all([...groups.values()].map((group) => group.leave()));
    },
  };
}

/** Keys end in a digest; its last letter has but a few bits. */
export function groupOf(key: string): number {
  return Buffer.from(key.slice(-5, -1), "base64url").readUInt8() % GROUPS;
}
