import { randomBytes } from "node:crypto";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { CapStore, StoreAnswer, StoreQuestion } from "../../leases/caps/cap-store.ts";
import type { CapLimit } from "../../leases/caps/places.ts";
import type { FleetStore } from "../store.ts";
import { leaveCaps, renewCaps, settleCap } from "./cap-scripts.ts";

export interface FleetCapsOptions {
  readonly store: Pick<FleetStore, "key" | "script">;
  /** That share the caps, as known last. */
  nodes(): number;
  /** From now on this machine has its share of each cap. */
  onLost(reason: string): void;
  /** The store counts again. @param over so many are open here beyond the caps */
  onBack(over: number): void;
}

export interface FleetCaps extends CapStore {
  /** Places that this machine has beyond caps: of a time when the store was lost, or of a cap that was lowered. */
  readonly over: number;
  start(): void;
  /** All that this machine has is free. Settles also when nobody hears it: its lease ends then. */
  leave(): Promise<void>;
}

/** What the store has been told of a cap, or is to be told. */
interface Held {
  count: number;
  cap: CapLimit;
  over: number;
  /** The store may have another number. */
  isDirty: boolean;
  /** Questions about it that are on their way: each tells what there is as well. */
  asking: number;
  toldAt: number;
}

/** Caps of one group share the lease of each node, which is renewed for all of them at once; groups spread over a Redis Cluster. */
const GROUPS = 32;
const LEASE_MS = 5_000;
const BEAT_MS = 1_000;
/** A cap that nobody has told of for so long is gone. */
const KEPT_MS = 60 * 60_000;
/** So that each is told again in time, and so many in a beat. */
const TOLD_AGAIN_MS = KEPT_MS / 3;
const MOST_TOLD = 10_000;
const TOLD_AT_ONCE = 100;
/** What a node gets for nothing where there is plenty. */
const AHEAD = 64;
/** Who waits for a place does not wait longer for a store that gives no answer. */
const PATIENCE_MS = 250;

/**
 * The caps of a fleet, in Redis: of each cap how many places each node has. A node says how many it has and never how many more or less,
 * so that nothing is counted twice, whatever was lost on its way. One that is not heard of for a few seconds has none; when it is back,
 * it says anew what it has.
 */
export function createFleetCaps({ store, nodes, onLost, onBack }: FleetCapsOptions): FleetCaps {
  // One that was killed and has come again under its name has none of what it had.
  const self = randomBytes(9).toString("base64url");
  const held = new Map<string, Held>();
  const groups = new Set<number>();
  let isLost = false;
  let hasLeft = false;
  let timer: NodeJS.Timeout | undefined;

  return {
    get over() {
      return overOf();
    },
    async lease(key, question) {
      const entry = held.get(key) ?? { count: 0, cap: NO_CAP, over: 0, isDirty: true, asking: 0, toldAt: 0 };
      held.set(key, entry);
      entry.asking++;
      const told = isLost ? undefined : await patiently(settle(key, entry, question));
      entry.asking--;
      if (told === undefined) entry.isDirty = true;
      const answer = told ?? decide(question);
      entry.count = question.holding + answer.granted;
      if (question.most > 0) entry.cap = { most: question.most, onStoreLoss: question.onStoreLoss };
      if (entry.count === 0 && !entry.isDirty) held.delete(key);
      return answer;
    },
    start: () => void beatOn(),
    async leave() {
      hasLeft = true;
      clearTimeout(timer);
      if (isLost) return;
      const left = [...groups].map((group) =>
        store.script(leaveCaps, { keys: [leasesOf(group)], args: [self] }),
      );
      await Promise.allSettled(left);
    },
  };

  /** Undefined: it could not be asked, or nobody knows what came of it. */
  async function settle(key: string, entry: Held, question: StoreQuestion): Promise<StoreAnswer | undefined> {
    const { most, holding, want } = question;
    const group = groupOf(key);
    groups.add(group);
    entry.isDirty = true;
    try {
      const keys = [leasesOf(group), store.key(tagOf(group), "cap", key)] as const;
      const ahead = want > 0 ? AHEAD : 0;
      const args = [self, LEASE_MS, most, holding, want, ahead, KEPT_MS];
      const [granted, plenty, over, wasGone] = numbersOf(await store.script(settleCap, { keys, args }));
      if (wasGone === 1) soil(group, entry);
      Object.assign(entry, { isDirty: false, over, toldAt: performance.now() });
      return { granted: granted ?? 0, mayKeep: plenty === 1 };
    } catch (error) {
      lose((error as Error).message);
      return undefined;
    }
  }

  async function patiently(asked: Promise<StoreAnswer | undefined>): Promise<StoreAnswer | undefined> {
    const ended = new AbortController();
    const answer = await Promise.race([asked, loseHope(ended.signal)]);
    ended.abort();
    if (answer !== "silent") return answer;
    lose(`it gave no answer for ${PATIENCE_MS} ms`);
    // What it says later is not what was said here.
    void asked.then(() => soil());
    return undefined;
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

  async function loseHope(signal: AbortSignal): Promise<"silent"> {
    await delay(PATIENCE_MS, undefined, { signal, ref: false }).catch(() => {});
    // Whatever has come while this process was held up is read first.
    if (!signal.aborted) await nextTurn();
    return "silent";
  }

  async function beatOn(): Promise<void> {
    await beat().catch((error: Error) => lose(error.message));
    if (!hasLeft) timer = setTimeout(beatOn, BEAT_MS).unref();
  }

  async function beat(): Promise<void> {
    const wasLost = isLost;
    if (groups.size === 0 && !wasLost) return;
    const renewed = [...(groups.size === 0 ? [0] : groups)].map(async (group) => {
      const keys = [leasesOf(group)] as const;
      if ((await store.script(renewCaps, { keys, args: [self, LEASE_MS] })) !== 1) soil(group);
    });
    await Promise.all(renewed);
    if (wasLost) isLost = false;
    await tell();
    if (wasLost && !isLost) onBack(overOf());
  }

  /** What the store does not know, or will have forgotten soon. */
  async function tell(): Promise<void> {
    const before = performance.now() - TOLD_AGAIN_MS;
    const due = [...held].filter(([, { isDirty, toldAt }]) => isDirty || toldAt <= before);
    for (let index = 0; index < Math.min(due.length, MOST_TOLD) && !isLost; index += TOLD_AT_ONCE)
      await Promise.all(due.slice(index, index + TOLD_AT_ONCE).map(tellOf));
  }

  async function tellOf([key, entry]: readonly [string, Held]): Promise<void> {
    // A question that is on its way tells it too, and knows better.
    if (entry.asking > 0) return;
    await settle(key, entry, { ...entry.cap, holding: entry.count, want: 0 });
    if (entry.count === 0 && entry.asking === 0 && !entry.isDirty) held.delete(key);
  }

  /** @param group all, unless it says one */
  function soil(group?: number, but?: Held): void {
    for (const [key, entry] of held)
      if (entry !== but && (group === undefined || groupOf(key) === group)) entry.isDirty = true;
  }

  function lose(reason: string): void {
    if (!isLost) onLost(reason);
    isLost = true;
  }

  function overOf(): number {
    let over = 0;
    for (const entry of held.values()) over += entry.over;
    return over;
  }

  function leasesOf(group: number): string {
    return store.key(tagOf(group), "leases");
  }
}

const NO_CAP: CapLimit = { most: 0, onStoreLoss: "local" };

function tagOf(group: number): string {
  return `caps-${group}`;
}

/** Keys end in a digest. */
function groupOf(key: string): number {
  return (key.charCodeAt(key.length - 2) * 64 + key.charCodeAt(key.length - 3)) % GROUPS;
}

/** @throws what is no answer of a script */
function numbersOf(reply: unknown): readonly number[] {
  if (Array.isArray(reply) && reply.every((each) => typeof each === "number")) return reply as number[];
  throw new Error("expected numbers of Redis");
}
