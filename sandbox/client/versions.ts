import type { PinnedPolicies, PolicyExports, Sandbox, Seat } from "../contract.ts";
import type { Deployment } from "./instance.ts";
import type { Instances } from "./instances.ts";
import type { Followed, PolicyState } from "./policy-state.ts";

/** Which version of a policy calls go to: the newest, or with a pin the one that was the newest once. */
export interface Versions {
  newest(policy: string): Followed;
  exports(policy: string): PolicyExports | undefined;
  /** Another version, or none, is the newest now. What was it before is dropped, unless it is pinned. */
  replace(policy: string, next: Deployment | undefined): void;
  pin(policies: readonly string[]): PinnedPolicies;
  /** A seat has gone. */
  leave(followed: Followed): void;
  pinned(): ReadonlyMap<string, number>;
  /** The states of the newest versions, and of policies that have none. */
  newestStates(): Iterable<PolicyState>;
  /** The states of all versions that calls may go to. */
  states(): Iterable<PolicyState>;
}

export interface VersionsOptions {
  readonly instances: Pick<Instances, "deployed" | "forget">;
  /** @param before the state of the version before, when that goes on */
  createState(policy: string, before?: PolicyState): PolicyState;
  wake(policy: PolicyState): void;
  seat(followed: Followed, ...rest: Parameters<Sandbox["seat"]>): Seat;
}

export function createVersions({ instances, createState, wake, seat }: VersionsOptions): Versions {
  const newest = new Map<string, { policy: PolicyState }>();

  function newestOf(name: string): { policy: PolicyState } {
    let found = newest.get(name);
    if (found === undefined) {
      found = { policy: createState(name) };
      newest.set(name, found);
    }
    return found;
  }

  function exportsOf(name: string): PolicyExports | undefined {
    return newest.get(name)?.policy.current?.exports;
  }

  function currentStates(): PolicyState[] {
    return [...newest.values()].map(({ policy }) => policy);
  }

  function isOld({ policy }: Deployment): boolean {
    return newest.get(policy.name)?.policy !== policy;
  }

  function letGo(deployment: Deployment): void {
    deployment.holders--;
    if (deployment.holders > 0 || !isOld(deployment)) return;
    deployment.policy.current = undefined;
    instances.forget(deployment);
  }

  return {
    newest: newestOf,
    exports: exportsOf,

    replace(name, next) {
      const entry = newestOf(name);
      const before = entry.policy;
      const old = before.current;
      if (old !== undefined && old.holders > 0) {
        entry.policy = createState(name, before);
        for (const task of before.queue.takeAll()) task.seat.followed.policy.queue.push(task);
        wake(before);
      } else if (old !== undefined) instances.forget(old);
      const { policy } = entry;
      policy.current = next;
      if (next !== undefined) next.policy = policy;
      policy.breaker.reset();
      wake(policy);
    },

    pin(names) {
      const held = new Map<string, Deployment>();
      for (const name of names) {
        const deployment = newest.get(name)?.policy.current;
        if (deployment === undefined || held.has(name)) continue;
        deployment.holders++;
        held.set(name, deployment);
      }
      return {
        exports: (name) => held.get(name)?.exports ?? exportsOf(name),
        seat(binding, ...rest) {
          const deployment = held.get(binding.policy);
          if (deployment === undefined) return seat(newestOf(binding.policy), binding, ...rest);
          deployment.holders++;
          return seat(deployment, binding, ...rest);
        },
        release() {
          const released = [...held.values()];
          held.clear();
          for (const deployment of released) letGo(deployment);
        },
      };
    },

    leave(followed) {
      if ("holders" in followed) letGo(followed as Deployment);
    },

    pinned() {
      const counts = new Map<string, number>();
      for (const deployment of instances.deployed()) {
        if (!isOld(deployment)) continue;
        const { name } = deployment.policy;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },

    newestStates: currentStates,

    states() {
      return new Set([...currentStates(), ...[...instances.deployed()].map(({ policy }) => policy)]);
    },
  };
}
