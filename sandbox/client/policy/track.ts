import { type Breaker, createBreaker } from "./breaker.ts";
import type { RouteCounts } from "./counts/route-counts.ts";
import type { Deployment } from "./deployment.ts";
import { Fifo } from "./fifo.ts";
import type { VersionTally } from "./tally.ts";
import { CallWindow } from "./window.ts";

/** Whose calls a seat's are: those of the newest version, of one that is on its way, or of the one that it is pinned to. */
export interface Followed<Call> {
  readonly track: Track<Call>;
  /** What became of the policy's calls, of all seats. */
  readonly counts: RouteCounts;
  /** The seat has gone. */
  leave(): void;
}

/**
 * A row of versions of one policy, each in place of the one before: the calls that go to the newest one, and how it has
 * behaved.
 *
 *   canary ──▶ newest ──▶ pinned ──▶ over
 *      │          │          │         ▲
 *      │          │          └─────────┤ nobody holds it any more: its version is forgotten
 *      │          └────────────────────┤ a canary takes its place, and nobody holds it
 *      └───────────────────────────────┘ it is taken back: whoever held it follows the newest
 *
 * Pinned: another version comes, or none, while somebody holds this one; that one begins a new row.
 * Canary: a version beside the newest, for the connections that choose it.
 */
export class Track<Call> {
  readonly policy: string;
  /** Calls that have not been sent. */
  readonly queue = new Fifo<Call>();
  /** Calls that are on the way. */
  readonly window = new CallWindow();
  readonly breaker: Breaker = createBreaker();
  #current: Deployment | undefined = undefined;
  #state: "canary" | "newest" | "pinned" | "over" = "newest";
  #tally: VersionTally | undefined = undefined;
  /** Pins, and seats taken by them. */
  #holders = 0;
  #isAwake = false;

  /** @param canary a version beside the newest one */
  constructor(policy: string, canary?: Deployment) {
    this.policy = policy;
    if (canary === undefined) return;
    this.#state = "canary";
    this.#current = canary;
  }

  /** The version that calls go to. */
  get current(): Deployment | undefined {
    return this.#current;
  }

  get isHeld(): boolean {
    return this.#holders > 0;
  }

  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Undefined: nobody compares its version with another. */
  get tally(): VersionTally | undefined {
    return this.#tally;
  }

  /** From now on its version is compared with another one, or is not any more. */
  measure(tally: VersionTally | undefined): void {
    this.#tally = tally;
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

  /** A canary is the newest from now on. */
  promote(): void {
    if (this.#state !== "canary") throw new Error(`\`promote\` came to a track that is ${this.#state}`);
    this.#state = "newest";
    this.#tally = undefined;
  }

  /** No calls come any more. @returns the version that is over with it */
  end(): Deployment | undefined {
    if (this.#state === "newest" && this.isHeld) throw new Error("`end` came to a track that is held");
    const last = this.#current;
    this.#state = "over";
    this.#current = undefined;
    this.#tally = undefined;
    return last;
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
