import { type Breaker, createBreaker } from "./breaker.ts";
import type { ByHook } from "./by-hook.ts";
import type { HookCounts } from "./call-counts.ts";
import type { Deployment } from "./deployment.ts";
import { Fifo } from "./fifo.ts";
import { CallWindow } from "./window.ts";

/** Whose calls a seat's are: those of the newest version, or of the one that it is pinned to. */
export interface Followed<Call> {
  readonly track: Track<Call>;
  /** What became of the policy's calls, of all seats. */
  readonly counts: ByHook<HookCounts>;
  /** The seat has gone. */
  leave(): void;
}

/**
 * A row of versions of one policy, each in place of the one before: the calls that go to the newest one, and how it has
 * behaved.
 *
 *   newest ──▶ pinned ──▶ over
 *      │          │
 *      │          └ nobody holds it any more: its version is forgotten
 *      └ another version comes, or none, while somebody holds this one: that one begins a new row
 */
export class Track<Call> {
  readonly policy: string;
  /** Calls that have not been sent. */
  readonly queue = new Fifo<Call>();
  /** Calls that are on the way. */
  readonly window = new CallWindow();
  readonly breaker: Breaker = createBreaker();
  #current: Deployment | undefined = undefined;
  #state: "newest" | "pinned" | "over" = "newest";
  /** Pins, and seats taken by them. */
  #holders = 0;
  #isAwake = false;

  constructor(policy: string) {
    this.policy = policy;
  }

  /** The version that calls go to. */
  get current(): Deployment | undefined {
    return this.#current;
  }

  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** Another version takes the place of this one, or none does. @returns what was the current one */
  replace(next: Deployment | undefined): Deployment | undefined {
    if (this.#state !== "newest" || this.isHeld) throw new Error(`\`replace\` came to a track that is held`);
    const before = this.#current;
    this.#current = next;
    this.breaker.reset();
    return before;
  }

  /** Its version stays for those who hold it, and is not the newest any more. */
  pin(): void {
    if (this.#state !== "newest" || !this.isHeld)
      throw new Error(`\`pin\` came to a track that nobody holds`);
    this.#state = "pinned";
  }

  hold(): void {
    if (this.#state === "over") throw new Error("`hold` came to a track that is over");
    this.#holders++;
  }

  /** @returns whether it is over with that */
  letGo(): boolean {
    this.#holders--;
    if (this.#holders > 0 || this.#state !== "pinned") return false;
    this.#state = "over";
    return true;
  }

  /** Its queue may move with the next flush. @returns whether that is news */
  wake(): boolean {
    if (this.#isAwake) return false;
    this.#isAwake = true;
    return true;
  }

  sleep(): void {
    this.#isAwake = false;
  }
}
