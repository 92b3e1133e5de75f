import { isDeepStrictEqual } from "node:util";
import type { LoadedVersion, PolicySnapshot, PolicyState } from "../../policies/reload/policy-state.ts";
import type { PlannedCanary } from "../engine/engine-plan.ts";
import type { RolloutTallies } from "../workers/tallies.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { type Harm, showShare } from "./health.ts";
import { advanceRollout, type RolloutEvent, type RolloutNews, type RolloutState } from "./rollout.ts";

/** The policies as sessions are to have them. */
export interface SettledPolicies {
  /** `current` is what sessions have that are not on the side of a version on its way. */
  readonly policies: PolicySnapshot;
  readonly canaries: readonly PlannedCanary[];
}

/** One policy's way, for people. */
export interface PolicyRollout extends RolloutState {
  readonly policy: string;
  /** Milliseconds since 1970: when the step began, or it was taken back. */
  readonly at: number;
}

/** How the way of a version has ended. */
export interface EndedRollout {
  readonly policy: string;
  readonly version: string;
  /** `given up`: another version, or none, was wanted. */
  readonly outcome: "finished" | "given up" | "taken back";
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What it was taken back for, else empty. */
  readonly rule: string;
  readonly detail: string;
}

export interface Rollouts {
  /** What follows from what is in the folder now. Called one at a time. */
  settle(newest: PolicySnapshot): SettledPolicies;
  /** Those that are on their way, or were taken back. */
  views(): readonly PolicyRollout[];
  /** The last of each policy. */
  ended(): readonly EndedRollout[];
  /** An operator says so. Settles when it is in force. @returns false when the policy has none that this could be said of */
  tell(policy: string, word: OperatorWord): Promise<boolean>;
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

/** The ways of all policies. Carries out what their states decide, and asks how they do while any is on its way. */
export function createRollouts({ configOf, ask, replan, onNews }: RolloutsOptions): Rollouts {
  const entries = new Map<string, Entry>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** @returns whether anything is to be planned anew */
  function apply(policy: string, entry: Entry, event: RolloutEvent): boolean {
    const { state, news } = advanceRollout(entry.state, event);
    entry.state = state;
    if (news.length > 0) entry.at = Date.now();
    for (const each of news) {
      entry.last = endedBy(policy, each) ?? entry.last;
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
    const entry: Entry = entries.get(name) ?? {
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
    if (!isDeepStrictEqual(entry.said, said)) apply(name, entry, { type: "config", rollout, now });
    // To one that is paused it is said again when it goes on.
    if (entry.state.canary?.isPaused !== true) entry.said = said;
    if (deleted) apply(name, entry, { type: "gone" });
    else {
      entry.loaded.set(version, newest);
      apply(name, entry, { type: "version", version, rollout, isByHand: isPinned, now });
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
    const problem = policy.problem ?? (takenBack && problemOf(takenBack, at));
    const settled = { ...policy, current, ...(problem !== undefined && { problem }) };
    const coming = canary && loaded.get(canary.version);
    if (canary === undefined || coming === undefined) return { state: settled };
    const { version, share } = canary;
    return {
      state: { ...settled, canary: coming },
      canary: { policy: policy.name, version, share, bundle: coming.bundle },
    };
  }

  function schedule(): void {
    const isAnyOnItsWay = [...entries.values()].some(({ state }) => state.canary !== undefined);
    if (isClosed || timer !== undefined || !isAnyOnItsWay) return;
    timer = setTimeout(() => {
      void tick().finally(() => {
        timer = undefined;
        schedule();
      });
    }, TICK_MS).unref();
  }

  async function tick(): Promise<void> {
    let isNews = false;
    for (const { policy, current, canary, shadow } of await ask().catch(() => [])) {
      const entry = entries.get(policy);
      const { version, isBroken, ...own } = canary;
      const event = { type: "numbers", version, canary: own, stable: current, shadow, isBroken } as const;
      if (entry !== undefined && apply(policy, entry, event)) isNews = true;
    }
    const now = performance.now();
    for (const [policy, entry] of entries) if (apply(policy, entry, { type: "clock", now })) isNews = true;
    // What goes wrong there is said there. A worker that is stuck does not take it: the others are looked after meanwhile.
    if (isNews && !isClosed) void replan().catch(() => {});
  }

  return {
    settle(newest) {
      const settled = newest.policies.map(settleOne);
      schedule();
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
      if (entry === undefined) return false;
      const now = performance.now();
      const event: RolloutEvent =
        word.type === "promote"
          ? { type: "promote", to: word.to, rollout: saidOf(policy, entry) || undefined, now }
          : { type: word.type, now };
      if (!apply(policy, entry, event)) return false;
      await replan();
      return true;
    },
    onOffence(policy, version, harm) {
      const entry = entries.get(policy);
      if (entry !== undefined && apply(policy, entry, { type: "offence", version, harm }))
        void replan().catch(() => {});
    },
    forget(policy) {
      for (const [name, entry] of entries) {
        const { takenBack, ...state } = entry.state;
        if (policy === undefined || policy === name) entry.state = state;
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function endedBy(policy: string, news: RolloutNews): EndedRollout | undefined {
  const at = Date.now();
  switch (news.what) {
    case "taken back":
      return { policy, version: news.version, outcome: news.what, at, rule: news.rule, detail: news.detail };
    case "finished":
    case "given up":
      return { policy, version: news.version, outcome: news.what, at, rule: "", detail: "" };
    case "begun":
    case "moved":
    case "paused":
    case "resumed":
      return undefined;
  }
}

function problemOf({ version, share, rule, detail }: NonNullable<RolloutState["takenBack"]>, at: number) {
  const message =
    `version ${version} was taken back at ${showShare(share)} of the sessions (${rule}): ${detail}. ` +
    "The version before serves; save another one, or try this one again with `framegate rollout promote`";
  return { message, frame: "", at };
}
