import { isDeepStrictEqual } from "node:util";
import type { LoadedVersion, PolicySnapshot, PolicyState } from "../../policies/reload/policy-state.ts";
import type { PlannedCanary } from "../engine/engine-plan.ts";
import type { RolloutTallies } from "../workers/tallies.ts";
import { type EndedRollout, endedBy, problemOfWay } from "./ended.ts";
import type { FoundRollout } from "./find-rollout.ts";
import type { Harm } from "./health.ts";
import { wayOf } from "./own-way.ts";
import { advanceRollout } from "./rollout.ts";
import type { RolloutEvent, RolloutNews, RolloutState, RolloutStep } from "./rollout-state.ts";
import type { PolicyRollout, SettledPolicies } from "./settled.ts";
import type { SharedOverview, SharedWay } from "./shared-way.ts";
import { createSharing, type Told } from "./sharing.ts";
import { createStrays, type Stray } from "./strays.ts";
import { createTicker } from "./ticker.ts";

export interface Rollouts {
  /** What follows from what is in the folder now. Called one at a time. */
  settle(newest: PolicySnapshot): SettledPolicies;
  /** Those that are on their way, or were taken back. */
  views(): readonly PolicyRollout[];
  /** The last of each policy. */
  ended(): readonly EndedRollout[];
  /** An operator says so, in a fleet to all. Settles when it is in force here. */
  tell(policy: string, word: OperatorWord): Promise<Told>;
  /** How all machines of a fleet do; undefined: there are no others. Rejects when they cannot be reached. */
  overview(policy: string): Promise<SharedOverview | undefined>;
  /** This version has cost its host, or a worker cannot load it. */
  onOffence(policy: string, version: string, harm: Harm): void;
  /** What was taken back of this policy, or of all, is tried anew when it is settled next. */
  forget(policy?: string): void;
  close(): void;
}

export type OperatorWord =
  | { readonly type: "promote"; readonly to?: number | undefined }
  | { readonly type: "abort" | "pause" | "resume" };

export interface RolloutsOptions {
  /** How new versions of this policy come to sessions. */
  configOf(policy: string): FoundRollout;
  /** What versions on their way have done since they were last asked. */
  ask(): Promise<readonly RolloutTallies[]>;
  /** Something is otherwise: `settle` is to be called, and its result to come into force. */
  replan(): Promise<void>;
  onNews(policy: string, news: RolloutNews): void;
  /** Undefined: this machine is alone. */
  readonly shared?: SharedWay | undefined;
  /** In a fleet: this machine has started with a version that the others have not got. */
  onStray?(stray: Stray): void;
}

interface Entry {
  state: RolloutState;
  /** What the config has said last; undefined: nothing yet. */
  said: FoundRollout;
  /** Those that the state names. */
  readonly loaded: Map<string, LoadedVersion>;
  at: number;
  last: EndedRollout | undefined;
}

const TICK_MS = 500;
/** In a fleet, where nothing is on its way: whether what was taken back is tried again. */
const WAIT_MS = 5_000;

/** The ways of all policies. Carries out what their states decide, and asks how they do while any is on its way. */
export function createRollouts(options: RolloutsOptions): Rollouts {
  const { configOf, ask, replan, onNews, shared } = options;
  const entries = new Map<string, Entry>();
  const isShared = shared !== undefined;
  const ticker = createTicker({ pauseMs, tick });
  const sharing =
    shared &&
    createSharing(shared, {
      stateOf: (policy) => entries.get(policy)?.state,
      configOf(policy) {
        const entry = entries.get(policy);
        return (entry && saidOf(policy, entry)) || undefined;
      },
      take(policy, step) {
        const entry = entries.get(policy);
        return entry !== undefined && take(policy, entry, step);
      },
    });
  const strays =
    shared &&
    createStrays(shared, (stray) => {
      options.onStray?.(stray);
      replanAfter(true);
    });
  let isClosed = false;
  shared?.onMove(ticker.wake);

  /** @returns whether anything is to be planned anew */
  function apply(policy: string, entry: Entry, event: RolloutEvent): boolean {
    return take(policy, entry, advanceRollout(entry.state, event));
  }

  function take(policy: string, entry: Entry, { state, news }: RolloutStep): boolean {
    const own = wayOf(entry.state);
    if (own !== undefined && wayOf(state)?.version !== own.version) shared?.leave(policy, own.version);
    entry.state = state;
    if (news.length > 0) entry.at = Date.now();
    for (const each of news) {
      entry.last = endedBy(policy, each, entry.at) ?? entry.last;
      onNews(policy, each);
    }
    return news.length > 0;
  }

  /** Of a policy that no route has, what was said last holds: it may come back. */
  function saidOf(policy: string, entry: Entry): FoundRollout {
    return configOf(policy) ?? entry.said;
  }

  function takeNewest(policy: PolicyState, newest: LoadedVersion): Entry {
    const { name, isPinned, deleted } = policy;
    const { version } = newest.bundle;
    const last = entries.get(name);
    const entry: Entry = last ?? {
      state: { stable: version },
      said: undefined,
      loaded: new Map([[version, newest]]),
      at: Date.now(),
      last: undefined,
    };
    entries.set(name, entry);
    const now = performance.now();
    const said = saidOf(name, entry);
    const rollout = said || undefined;
    if (last === undefined && rollout !== undefined) strays?.look({ policy: name, version, config: rollout });
    if (!isDeepStrictEqual(entry.said, said)) apply(name, entry, { type: "config", rollout, isShared, now });
    // To one that is paused it is said again when it goes on.
    if (entry.state.canary?.isPaused !== true) entry.said = said;
    if (deleted) apply(name, entry, { type: "gone" });
    else {
      entry.loaded.set(version, newest);
      apply(name, entry, { type: "version", version, rollout, isByHand: isPinned, isShared, now });
    }
    const { stable, canary, takenBack } = entry.state;
    for (const known of entry.loaded.keys())
      if (![stable, canary?.version, takenBack?.version].includes(known)) entry.loaded.delete(known);
    return entry;
  }

  function settleOne(policy: PolicyState): { readonly state: PolicyState; readonly canary?: PlannedCanary } {
    if (policy.current === undefined) return { state: policy };
    const { state, loaded, at } = takeNewest(policy, policy.current);
    const { stable, canary, takenBack } = state;
    const current = loaded.get(stable) ?? policy.current;
    const stray = strays?.problemOf(policy.name, stable);
    const problem =
      policy.problem ??
      (takenBack && problemOfWay(takenBack, at)) ??
      (stray === undefined ? undefined : { message: stray, frame: "", at });
    const settled = { ...policy, current, ...(problem !== undefined && { problem }) };
    const coming = canary && loaded.get(canary.version);
    if (canary === undefined || coming === undefined || canary.share === 0) return { state: settled };
    const { version, share } = canary;
    return {
      state: { ...settled, canary: coming },
      canary: { policy: policy.name, version, share, bundle: coming.bundle },
    };
  }

  /** While anything is on its way; undefined: nothing is to be looked at. */
  function pauseMs(): number | undefined {
    const states = [...entries.values()].map(({ state }) => state);
    if (states.some(({ canary }) => canary !== undefined)) return TICK_MS;
    return isShared && states.some(({ takenBack }) => takenBack !== undefined) ? WAIT_MS : undefined;
  }

  async function tick(): Promise<void> {
    const sharingAll = sharing?.shareAll(entries.keys()).then(replanAfter);
    let isNews = false;
    for (const { policy, current, canary, shadow } of await ask().catch(() => [])) {
      const entry = entries.get(policy);
      const { version, isBroken, ...own } = canary;
      const event = { type: "numbers", version, canary: own, stable: current, shadow, isBroken } as const;
      if (entry !== undefined && apply(policy, entry, event)) isNews = true;
    }
    // The others are to hear of it at once.
    if (isNews && isShared) ticker.wake();
    const now = performance.now();
    if (!isShared)
      for (const [policy, entry] of entries) if (apply(policy, entry, { type: "clock", now })) isNews = true;
    replanAfter(isNews);
    // Those of a fleet may be slow to hear it.
    await sharingAll;
  }

  function replanAfter(isNews: boolean): void {
    // What goes wrong there is said there. A worker that is stuck does not take it: the others are looked after meanwhile.
    if (isNews && !isClosed) void replan().catch(() => {});
  }

  return {
    settle(newest) {
      const settled = newest.policies.map(settleOne);
      ticker.go();
      return {
        policies: { ...newest, policies: settled.map(({ state }) => state) },
        canaries: settled.flatMap(({ canary }) => canary ?? []),
      };
    },
    views: () =>
      [...entries].flatMap(([policy, { state, at }]) =>
        state.canary === undefined && state.takenBack === undefined ? [] : [{ policy, ...state, at }],
      ),
    ended: () => [...entries.values()].flatMap(({ last }) => last ?? []),
    async tell(policy, word) {
      const entry = entries.get(policy);
      if (entry === undefined) return "impossible";
      if (word.type !== "abort" && sharing?.isShared(policy)) {
        const told = await sharing.tell(policy, word.type === "promote" ? word : { type: word.type });
        if (told === "done") await replan();
        return told;
      }
      const now = performance.now();
      const event: RolloutEvent =
        word.type === "promote"
          ? { type: "promote", to: word.to, rollout: saidOf(policy, entry) || undefined, now }
          : { type: word.type, now };
      if (!apply(policy, entry, event)) return "impossible";
      if (isShared) ticker.wake();
      await replan();
      return "done";
    },
    overview: async (policy) => sharing?.overview(policy),
    onOffence(policy, version, harm) {
      const entry = entries.get(policy);
      if (entry === undefined || !apply(policy, entry, { type: "offence", version, harm })) return;
      if (isShared) ticker.wake();
      replanAfter(true);
    },
    forget(policy) {
      for (const [name, entry] of entries) {
        const { takenBack, ...state } = entry.state;
        if (takenBack !== undefined && (policy === undefined || policy === name))
          take(name, entry, { state, news: [] });
      }
    },
    close() {
      isClosed = true;
      ticker.stop();
      strays?.stop();
    },
  };
}
