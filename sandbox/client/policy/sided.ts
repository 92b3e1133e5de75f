import type { IsCanary } from "../../contract.ts";
import type { Task } from "../calls/task.ts";
import type { NamedPolicy } from "./policy.ts";
import type { Followed, Track } from "./track.ts";

/** A seat of a connection that chooses between the newest version and one that is on its way: at each call as of then. */
export class SidedPolicy implements Followed<Task> {
  readonly #policy: NamedPolicy<Task>;
  readonly #isCanary: IsCanary;
  #sides: number;
  #track: Track<Task>;

  constructor(policy: NamedPolicy<Task>, isCanary: IsCanary) {
    this.#policy = policy;
    this.#isCanary = isCanary;
    this.#sides = policy.sides;
    this.#track = policy.trackFor(isCanary);
  }

  get track(): Track<Task> {
    const { sides } = this.#policy;
    if (this.#sides !== sides) {
      this.#sides = sides;
      this.#track = this.#policy.trackFor(this.#isCanary);
    }
    return this.#track;
  }

  get counts(): Followed<Task>["counts"] {
    return this.#policy.counts;
  }

  leave(): void {
    this.#policy.leave();
  }
}
