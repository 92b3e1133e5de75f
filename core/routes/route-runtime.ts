import { isDeepStrictEqual } from "node:util";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { PolicyBinding, PolicyExports } from "../../sandbox/contract.ts";
import type { RouteConfig, RouteMatch } from "../config/index.ts";
import type { CapPlaces } from "../leases/caps/places.ts";
import { ConnectionCount } from "./connection-count.ts";
import type { ShadowUse } from "./shadow-use.ts";

/** A route with its chain, as the plan says: what the supervisor sends and a worker runs. Plain data. */
export interface RoutePlan {
  readonly config: RouteConfig;
  /** The chain in the order of `upgrade` and `client`; `server` hooks run the other way round. */
  readonly chain: readonly PolicyBinding[];
  /** Absent: none. */
  readonly shadows?: readonly ShadowUse[];
}

/** A route as it runs in a worker: the one thing that its sessions hold on to, so that a reload reaches them. */
export class RouteRuntime {
  /** Grows whenever the chain, or a policy in it, may have changed. */
  epoch = 0;
  /** Grows whenever a connection would be treated otherwise than before. */
  generation = 0;
  readonly connections: ConnectionCount;
  /** An operator lets nobody else in. */
  isDrained = false;
  #plan: RoutePlan;

  constructor(plan: RoutePlan, places: CapPlaces) {
    this.#plan = plan;
    this.connections = new ConnectionCount(plan.config.name, places);
    this.connections.update(plan.config.connections);
  }

  /** Tells the route from all others, also in the log and the metrics. */
  get name(): string {
    return this.#plan.config.name;
  }

  get path(): string {
    return this.#plan.config.path;
  }

  get match(): RouteMatch {
    return this.#plan.config.match;
  }

  get config(): RouteConfig {
    return this.#plan.config;
  }

  get chain(): readonly PolicyBinding[] {
    return this.#plan.chain;
  }

  get shadows(): readonly ShadowUse[] {
    return this.#plan.shadows ?? NONE;
  }

  /** @param changed policies that are new */
  update(plan: RoutePlan, changed: ReadonlySet<string>): void {
    const isOther =
      !isDeepStrictEqual(forAll(this.#plan), forAll(plan)) ||
      plan.chain.some(({ policy }) => changed.has(policy));
    if (isOther) this.generation++;
    this.#plan = plan;
    this.connections.update(plan.config.connections);
    this.epoch++;
  }
}

const NONE: readonly never[] = [];

/** What a connection has on either side of a version that is on its way: that one, a shadow, and a mirror may come and go without ending any. */
function forAll({ config, chain }: RoutePlan): RoutePlan {
  const { shadow: _, mirror: __, ...rest } = config;
  const policies = config.policies === "*" ? "*" : config.policies.map(({ shadow: _, ...use }) => use);
  return {
    config: { ...rest, policies },
    chain: chain.map(({ canaryOptions: _, ...binding }) => binding),
  };
}

/** Whether a policy's hook has a part in this chain. One without any version has: its calls fail, and the chain is not passed by. */
export function runsHook(
  binding: PolicyBinding,
  exported: PolicyExports | undefined,
  hook: HookName,
): boolean {
  if (binding.hooks !== undefined && !binding.hooks.includes(hook)) return false;
  return exported === undefined || exported.hooks.includes(hook);
}
