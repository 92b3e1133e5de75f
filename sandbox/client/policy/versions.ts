import type {
  ChoosingPolicies,
  IsCanary,
  PinnedPolicies,
  PolicyExports,
  PolicyLogLine,
  Sandbox,
  Seat,
} from "../../contract.ts";
import type { Task, TaskTrack } from "../calls/task.ts";
import type { Deployment } from "./deployment.ts";
import { createLogLimiter } from "./log-limiter.ts";
import { type PinParts, pinPolicies } from "./pins.ts";
import { NamedPolicy } from "./policy.ts";
import { SidedPolicy } from "./sided.ts";
import type { Followed } from "./track.ts";

/**
 * Which version of a policy calls go to: the newest; with a pin the one that was the newest once; of a connection that
 * chooses, one that is on its way.
 */
export interface Versions {
  policy(name: string): NamedPolicy<Task>;
  /** All that have been named, those without any version too. */
  policies(): Iterable<NamedPolicy<Task>>;
  exports(policy: string): PolicyExports | undefined;
  /** A seat is taken that follows the newest version. */
  follow(policy: string): Followed<Task>;
  isSeated(policy: string): boolean;
  /** Another version, or none, is the newest now. What was it before is forgotten, unless somebody holds it. */
  replace(policy: string, next: Deployment | undefined): void;
  pin(policies: readonly string[]): PinnedPolicies;
  choose(isCanary: IsCanary): ChoosingPolicies;
  /** A version is on its way, in place of any other that was: calls of connections that choose it go there. */
  begin(policy: string, canary: Deployment): void;
  /** The version on its way is the newest now. @returns false when there is none, or it is another */
  promote(policy: string, version: string): boolean;
  /** There is no version on its way any more. */
  withdraw(policy: string): void;
  /** Connections choose anew. */
  reviewSides(): void;
  /** How many old versions are held, by policy. */
  pinned(): ReadonlyMap<string, number>;
  /** The track whose calls go to this version; of one that has not been committed, the newest. */
  trackOf(deployment: Deployment): TaskTrack;
  /** Those that calls may go to. */
  tracks(): Iterable<TaskTrack>;
}

export interface VersionsOptions {
  /** No new calls go to this version. */
  forget(deployment: Deployment): void;
  wake(track: TaskTrack): void;
  seat(followed: Followed<Task>, ...rest: Parameters<Sandbox["seat"]>): Seat;
  onLog(line: PolicyLogLine): void;
  /** The last seat in this policy has gone. */
  onUnseated(policy: string): void;
}

export function createVersions({ forget, wake, seat, onLog, onUnseated }: VersionsOptions): Versions {
  const policies = new Map<string, NamedPolicy<Task>>();
  const pinned = new Set<TaskTrack>();

  function policyOf(name: string): NamedPolicy<Task> {
    let policy = policies.get(name);
    if (policy === undefined) {
      policy = new NamedPolicy(name, createLogLimiter(name, onLog), onUnseated);
      policies.set(name, policy);
    }
    return policy;
  }

  function exportsOf(name: string): PolicyExports | undefined {
    return policies.get(name)?.track.current?.exports;
  }

  function follow(name: string): Followed<Task> {
    const policy = policyOf(name);
    policy.enter();
    return policy;
  }

  function letGo(track: TaskTrack): void {
    if (!track.letGo()) return;
    pinned.delete(track);
    if (track.current !== undefined) forget(track.current);
  }

  /** Calls that wait go on where their connections are now, each in its place among those of its seat. */
  function sortOut(...tracks: readonly TaskTrack[]): void {
    const waiting = tracks
      .flatMap(({ queue }) => queue.takeAll())
      .sort((one, other) => one.order - other.order);
    for (const task of waiting) task.seat.followed.track.queue.push(task);
    for (const { seat } of waiting) wake(seat.followed.track);
    for (const track of tracks) if (!track.isOver) wake(track);
  }

  function withdraw(name: string): void {
    const policy = policies.get(name);
    const canary = policy?.withdraw();
    if (policy === undefined || canary === undefined) return;
    const last = canary.end();
    sortOut(policy.track, canary);
    if (last !== undefined) forget(last);
  }

  const pinParts: PinParts = { policy: (name) => policies.get(name), follow, seat, letGo };

  function* tracks(): Generator<TaskTrack> {
    for (const { track, canary } of policies.values()) {
      yield track;
      if (canary !== undefined) yield canary;
    }
    yield* pinned;
  }

  return {
    policy: policyOf,
    policies: () => policies.values(),
    exports: exportsOf,
    follow,
    isSeated: (name) => policies.get(name)?.isSeated === true,

    replace(name, next) {
      const policy = policyOf(name);
      const before = policy.track;
      if (before.isHeld) {
        pinned.add(before);
        policy.branch();
        for (const task of before.queue.takeAll()) task.seat.followed.track.queue.push(task);
        wake(before);
      }
      const old = policy.track.replace(next);
      if (old !== undefined) forget(old);
      wake(policy.track);
    },

    pin: (names) => pinPolicies(pinParts, names),

    choose(isCanary) {
      const chosen = (name: string) => new SidedPolicy(policyOf(name), isCanary);
      return {
        exports: (name) => policies.get(name)?.trackFor(isCanary).current?.exports,
        seat(binding, ...rest) {
          policyOf(binding.policy).enter();
          return seat(chosen(binding.policy), binding, ...rest);
        },
        pin: (names) => pinPolicies(pinParts, names, isCanary),
      };
    },

    begin(name, canary) {
      withdraw(name);
      const policy = policyOf(name);
      policy.begin(canary);
      sortOut(policy.track);
    },

    promote(name, version) {
      const policy = policies.get(name);
      if (policy?.canary?.current?.bundle.version !== version) return false;
      const before = policy.promote();
      if (before === undefined) return false;
      const isKept = before.isHeld;
      const last = isKept ? undefined : before.end();
      if (isKept) pinned.add(before);
      sortOut(before, policy.track);
      if (last !== undefined) forget(last);
      return true;
    },

    withdraw,

    reviewSides() {
      for (const policy of policies.values()) {
        if (policy.canary === undefined) continue;
        policy.reviewSides();
        sortOut(policy.track, policy.canary);
      }
    },

    pinned() {
      const counts = new Map<string, number>();
      for (const { policy } of pinned) counts.set(policy, (counts.get(policy) ?? 0) + 1);
      return counts;
    },

    trackOf(deployment) {
      for (const track of pinned) if (track.current === deployment) return track;
      const { track, canary } = policyOf(deployment.bundle.name);
      return canary?.current === deployment ? canary : track;
    },

    tracks,
  };
}
