import type { IsCanary, PinnedPolicies, PolicyExports, Sandbox, Seat } from "../../contract.ts";
import type { Task, TaskTrack } from "../calls/task.ts";
import type { NamedPolicy } from "./policy.ts";
import type { Followed } from "./track.ts";

export interface PinParts {
  /** Undefined: nobody has named it. */
  policy(name: string): NamedPolicy<Task> | undefined;
  /** A seat is taken that follows the newest version, or the one on its way. */
  follow(policy: string): Followed<Task>;
  seat(followed: Followed<Task>, ...rest: Parameters<Sandbox["seat"]>): Seat;
  /** Nobody holds it here any more. */
  letGo(track: TaskTrack): void;
}

/** What one connection holds of one policy: with a version on its way both, until it is settled which is its own. */
interface Hold {
  readonly policy: NamedPolicy<Task>;
  readonly newest: TaskTrack;
  readonly canary: TaskTrack | undefined;
  chosen: TaskTrack | undefined;
}

/** Holds the versions that these policies have now, see `Sandbox.pin`. @param isCanary absent: it holds the newest */
export function pinPolicies(
  { policy: policyOf, follow, seat, letGo }: PinParts,
  names: readonly string[],
  isCanary: IsCanary = () => false,
): PinnedPolicies {
  const held = new Map<string, Hold>();
  for (const name of names) {
    const policy = policyOf(name);
    if (policy?.track.current === undefined || held.has(name)) continue;
    const { track: newest, canary } = policy;
    newest.hold();
    canary?.hold();
    held.set(name, { policy, newest, canary, chosen: undefined });
  }

  /** Of one that was taken back nothing is left: whoever held it goes with the newest. */
  function trackOf(hold: Hold): TaskTrack {
    const track = hold.chosen ?? choose(hold);
    return track.isOver ? hold.policy.track : track;
  }

  function choose({ policy, newest, canary }: Hold): TaskTrack {
    const version = canary?.current?.bundle.version;
    return canary !== undefined && version !== undefined && isCanary(policy.name, version) ? canary : newest;
  }

  function tracksOf({ newest, canary }: Hold): TaskTrack[] {
    return canary === undefined ? [newest] : [newest, canary];
  }

  function exportsOf(name: string): PolicyExports | undefined {
    const hold = held.get(name);
    return hold === undefined
      ? policyOf(name)?.trackFor(isCanary).current?.exports
      : trackOf(hold).current?.exports;
  }

  return {
    exports: exportsOf,
    seat(binding, ...rest) {
      const hold = held.get(binding.policy);
      const followed =
        hold === undefined ? follow(binding.policy) : new PinnedPolicy(hold.policy, trackOf(hold), letGo);
      return seat(followed, binding, ...rest);
    },
    settle() {
      for (const [name, hold] of held) {
        const chosen = choose(hold);
        for (const track of tracksOf(hold)) if (track !== chosen) letGo(track);
        held.set(name, { policy: hold.policy, newest: chosen, canary: undefined, chosen });
      }
    },
    release() {
      const released = [...held.values()].flatMap(tracksOf);
      held.clear();
      for (const track of released) letGo(track);
    },
  };
}

/** A seat in the version that this track stays with; if that is taken back, in the newest. */
class PinnedPolicy implements Followed<Task> {
  readonly #policy: NamedPolicy<Task>;
  readonly #held: TaskTrack;
  readonly #letGo: (track: TaskTrack) => void;

  constructor(policy: NamedPolicy<Task>, held: TaskTrack, letGo: (track: TaskTrack) => void) {
    this.#policy = policy;
    this.#held = held;
    this.#letGo = letGo;
    held.hold();
    policy.enter();
  }

  get track(): TaskTrack {
    return this.#held.isOver ? this.#policy.track : this.#held;
  }

  get counts(): Followed<Task>["counts"] {
    return this.#policy.counts;
  }

  leave(): void {
    this.#policy.leave();
    this.#letGo(this.#held);
  }
}
