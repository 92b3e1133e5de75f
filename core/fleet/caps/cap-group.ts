import type { StoreAnswer, StoreQuestion } from "../../leases/caps/cap-store.ts";
import type { FleetStore } from "../store.ts";
import { ANSWER_PATIENCE_MS, isBusy } from "../store-faults.ts";
import { createCapCalls } from "./cap-calls.ts";
import { leaveCaps, renewCaps, settleCaps } from "./cap-scripts.ts";
import { type HeldCap, isNothing, newHeldCap } from "./held-cap.ts";

export interface CapGroupOptions {
  readonly store: Pick<FleetStore, "key" | "script">;
  /** What all keys of the group share. */
  readonly tag: string;
  /** Of this start of the gateway, and of no other. */
  readonly self: string;
  /** A cap that nobody has told of for so long is gone. */
  readonly keptMs: number;
  /** Without the store. */
  decide(question: StoreQuestion): StoreAnswer;
  onLost(reason: string): void;
  /** The store knows all of it again. */
  onTold(): void;
}

/** Caps that lie together in Redis, and are lost together. */
export interface CapGroup {
  /** Lost, or not all of it has been told since. */
  readonly isBehind: boolean;
  readonly over: number;
  lease(key: string, question: StoreQuestion): Promise<StoreAnswer>;
  start(): void;
  leave(): Promise<void>;
}

const LEASE_MS = 5_000;
const BEAT_MS = 1_000;
/** What answers slowly once, and quickly once, is not back. */
const QUICK_BEATS = 2;
const TOLD_AT_ONCE = 256;
/** What a node gets for nothing where there is plenty. */
const AHEAD = 64;

export function createCapGroup(options: CapGroupOptions): CapGroup {
  const { store, tag, self, keptMs } = options;
  const leases = store.key(tag, "leases");
  const held = new Map<string, HeldCap>();
  let isLost = false;
  let isBehind = false;
  let quickBeats = 0;
  let isTelling = false;
  let hasLeft = false;
  let timer: NodeJS.Timeout | undefined;

  const calls = createCapCalls({
    run(all) {
      const args = all.flatMap(({ question: { most, holding, want } }) => [
        ...[most, holding, want, want > 0 ? AHEAD : 0],
      ]);
      const keys = [leases, ...all.map(({ key }) => store.key(tag, "cap", key))] as const;
      return store.script(settleCaps, { keys, args: [self, LEASE_MS, keptMs, ...args] });
    },
    onGone: soil,
    onLost: lose,
  });

  function soil(): void {
    for (const entry of held.values()) entry.said = undefined;
  }

  function lose(reason: string): void {
    quickBeats = 0;
    isLost = true;
    isBehind = true;
    calls.giveUp();
    options.onLost(reason);
  }

  async function beatOn(): Promise<void> {
    await beat().catch((error: Error) => {
      if (!isBusy(error)) lose(error.message);
    });
    if (!hasLeft) timer = setTimeout(beatOn, BEAT_MS).unref();
  }

  async function beat(): Promise<void> {
    const startedAt = performance.now();
    if ((await store.script(renewCaps, { keys: [leases], args: [self, LEASE_MS] })) !== 1) soil();
    if (isLost) {
      quickBeats = performance.now() - startedAt <= ANSWER_PATIENCE_MS ? quickBeats + 1 : 0;
      isLost = quickBeats < QUICK_BEATS;
    }
    // The lease is renewed meanwhile, however much there is to tell.
    if (!isLost && !isTelling) void tell();
  }

  /** What the store does not know, or will have forgotten soon. */
  async function tell(): Promise<void> {
    isTelling = true;
    const before = performance.now() - keptMs / 3;
    const due = [...held].filter(([, { count, said, toldAt }]) => said !== count || toldAt <= before);
    for (let index = 0; index < due.length && !isLost; index += TOLD_AT_ONCE)
      await Promise.all(due.slice(index, index + TOLD_AT_ONCE).map(tellOf));
    isTelling = false;
    if (isLost || !isBehind) return;
    isBehind = false;
    options.onTold();
  }

  async function tellOf([key, entry]: readonly [string, HeldCap]): Promise<void> {
    // A question that is on its way tells it too, and knows better.
    if (entry.asking > 0 || held.get(key) !== entry) return;
    await calls.ask({ key, entry, question: { ...entry.cap, holding: entry.count, want: 0 } });
    if (isNothing(entry)) held.delete(key);
  }

  return {
    get isBehind() {
      return isBehind;
    },
    get over() {
      let over = 0;
      for (const entry of held.values()) over += entry.over;
      return over;
    },
    async lease(key, question) {
      const entry = held.get(key) ?? newHeldCap();
      held.set(key, entry);
      entry.asking++;
      const answer =
        (isLost ? undefined : await calls.ask({ key, entry, question })) ?? options.decide(question);
      entry.asking--;
      entry.count = question.holding + answer.granted;
      const { most, onStoreLoss } = question;
      if (most > 0) entry.cap = { most, onStoreLoss };
      if (isNothing(entry)) held.delete(key);
      return answer;
    },
    start: () => void beatOn(),
    async leave() {
      hasLeft = true;
      clearTimeout(timer);
      if (!isLost) await store.script(leaveCaps, { keys: [leases], args: [self] }).catch(() => {});
    },
  };
}
