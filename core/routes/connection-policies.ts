import type { ChoosingPolicies, Sandbox } from "../../sandbox/contract.ts";
import type { RolloutKey } from "../config/index.ts";
import type { CanaryShares } from "./canary-shares.ts";
import type { RouteRuntime } from "./route-runtime.ts";

/** The policies of one connection, from its upgrade to its end. */
export interface ConnectionPolicies {
  /**
   * For its request: the versions that there were when it was let to them. Between two of its hooks others may come, and it
   * would be asked by neither of two policies of which one always refuses.
   */
  readonly asked: AskedPolicies;
  readonly route: Pick<RouteRuntime, "chain" | "epoch">;
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  /** These attributes are known now: with a version on its way its side may hang on one of them. */
  learn(attributes: Readonly<Record<string, unknown>>): void;
  /** All that will be known of it is. */
  settle(): void;
  /** It keeps its versions for as long as its route is the same, and then is to end within these. Absent: it outlives a change. */
  readonly recycleSpreadMs?: number;
  /** The connection has ended: its seats keep their versions until they have, nothing else does. */
  release(): void;
}

export interface AskedPolicies extends Pick<ConnectionPolicies, "learn" | "route" | "sandbox"> {
  /** It has been asked. */
  release(): void;
}

/** What is known of a connection that takes policies. */
export interface PolicyTaker {
  readonly runtime: RouteRuntime;
  readonly id: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Where policies are taken from: those of one process. */
export interface ProcessPolicies {
  readonly sandbox: Pick<Sandbox, "choose" | "exports" | "pin" | "seat">;
  readonly canaries: Pick<CanaryShares, "isCanary">;
  readonly shadows: ShadowWatch;
}

/** Who is shown what policies say to connections that have shadows. */
export interface ShadowWatch {
  /** @returns the same policies, for a connection of a route without any; else such as tell of their calls */
  watch(taker: PolicyTaker, policies: ConnectionPolicies["sandbox"]): ConnectionPolicies["sandbox"];
}

/**
 * With `reload: "pin"` the chain and the versions that there are now; else for its request only, and then whatever they are at each message. With a
 * `rollout` each connection has a side, and with `recycle` it keeps its versions too: it is ended when all are to have the new ones.
 */
export function takePolicies(taker: PolicyTaker, source: ProcessPolicies): ConnectionPolicies {
  const { runtime } = taker;
  const { pinsPolicies, recycleSpreadMs } = runtime.config.session;
  const { learn, policies, hasSides } = chooseSide(taker, source);
  const isRecycled = hasSides && recycleSpreadMs !== undefined;
  const pinned = policies.pin(runtime.chain.map(({ policy }) => policy));
  const sandbox = source.shadows.watch(taker, pinned);
  if (!pinsPolicies && !isRecycled) {
    const asked = { route: new KeptChain(runtime), sandbox, learn, release: pinned.release };
    const newest = source.shadows.watch(taker, policies);
    return { asked, route: runtime, sandbox: newest, learn, settle: doNothing, release: doNothing };
  }
  const route = pinsPolicies ? new KeptChain(runtime) : runtime;
  return {
    asked: { route, sandbox, learn, release: doNothing },
    ...{ route, sandbox, learn },
    ...(isRecycled && { recycleSpreadMs }),
    settle: () => pinned.settle(),
    release: pinned.release,
  };
}

/**
 * The chain as it is now. Which hooks run in it may change all the same: where a version is taken back others serve in its place.
 * A class, for an object with an accessor of its own is made the slow way, and each upgrade has one.
 */
class KeptChain implements Pick<RouteRuntime, "chain" | "epoch"> {
  readonly #runtime: RouteRuntime;
  readonly chain: RouteRuntime["chain"];

  constructor(runtime: RouteRuntime) {
    this.#runtime = runtime;
    this.chain = runtime.chain;
  }

  get epoch(): RouteRuntime["epoch"] {
    return this.#runtime.epoch;
  }
}

interface Side {
  readonly policies: ChoosingPolicies;
  readonly hasSides: boolean;
  readonly learn: ConnectionPolicies["learn"];
}

/** Of a route without a rollout nothing is asked: it has what all have. */
function chooseSide({ runtime, id, headers }: PolicyTaker, { sandbox, canaries }: ProcessPolicies): Side {
  const { rollout } = runtime.config;
  if (rollout === undefined) return { policies: sandbox, hasSides: false, learn: doNothing };
  const { by } = rollout;
  let key = firstKey(by, id, headers);
  const policies = sandbox.choose(
    (policy, version) => key !== undefined && canaries.isCanary(policy, version, key),
  );
  return {
    policies,
    hasSides: true,
    learn(attributes) {
      if (by.source === "attribute") key = keyOfAttribute(attributes, by.name);
    },
  };
}

/** Undefined: not known, or there is none. */
function firstKey(by: RolloutKey, id: string, headers: PolicyTaker["headers"]): string | undefined {
  switch (by.source) {
    case "session":
      return id;
    case "header":
      return headers.find(([name]) => name.toLowerCase() === by.name)?.[1];
    case "attribute":
      return undefined;
  }
}

function keyOfAttribute(attributes: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}

function doNothing(): void {}
