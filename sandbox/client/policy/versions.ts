import type { PinnedPolicies, PolicyExports, PolicyLogLine, Sandbox, Seat } from "../../contract.ts";
import type { Task, TaskTrack } from "../calls/task.ts";
import type { Deployment } from "./deployment.ts";
import { createLogLimiter } from "./log-limiter.ts";
import { NamedPolicy } from "./policy.ts";
import type { Followed } from "./track.ts";

/** Which version of a policy calls go to: the newest, or with a pin the one that was the newest once. */
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

  /** A seat is taken in the version that this track stays with. */
  function followPinned(track: TaskTrack): Followed<Task> {
    const policy = policyOf(track.policy);
    track.hold();
    policy.enter();
    return {
      track,
      counts: policy.counts,
      leave() {
        policy.leave();
        letGo(track);
      },
    };
  }

  function* tracks(): Generator<TaskTrack> {
    for (const { track } of policies.values()) yield track;
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

    pin(names) {
      const held = new Map<string, TaskTrack>();
      for (const name of names) {
        const track = policies.get(name)?.track;
        if (track?.current === undefined || held.has(name)) continue;
        track.hold();
        held.set(name, track);
      }
      return {
        exports(name) {
          const track = held.get(name);
          return track === undefined ? exportsOf(name) : track.current?.exports;
        },
        seat(binding, ...rest) {
          const track = held.get(binding.policy);
          return seat(track === undefined ? follow(binding.policy) : followPinned(track), binding, ...rest);
        },
        release() {
          const released = [...held.values()];
          held.clear();
          for (const track of released) letGo(track);
        },
      };
    },

    pinned() {
      const counts = new Map<string, number>();
      for (const { policy } of pinned) counts.set(policy, (counts.get(policy) ?? 0) + 1);
      return counts;
    },

    trackOf(deployment) {
      for (const track of pinned) if (track.current === deployment) return track;
      return policyOf(deployment.bundle.name).track;
    },

    tracks,
  };
}
