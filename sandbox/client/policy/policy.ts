import type { IsCanary } from "../../contract.ts";
import { RouteCounts } from "./counts/route-counts.ts";
import type { Deployment } from "./deployment.ts";
import type { LogLimiter } from "./log-limiter.ts";
import { VersionTally } from "./tally.ts";
import { type Followed, Track } from "./track.ts";

/** A policy by its name, over all its versions. It is kept when it has none left: its counts never go back. */
export class NamedPolicy<Call> implements Followed<Call> {
  readonly name: string;
  readonly logs: LogLimiter;
  readonly counts = new RouteCounts();
  #track: Track<Call>;
  #canary: Track<Call> | undefined = undefined;
  #sides = 0;
  #seats = 0;
  readonly #onUnseated: (policy: string) => void;

  constructor(name: string, logs: LogLimiter, onUnseated: (policy: string) => void) {
    this.name = name;
    this.logs = logs;
    this.#track = new Track(name);
    this.#onUnseated = onUnseated;
  }

  /** The one that has the newest version. */
  get track(): Track<Call> {
    return this.#track;
  }

  /** The one of the version that is on its way. */
  get canary(): Track<Call> | undefined {
    return this.#canary;
  }

  /** Grows whenever a connection may be on another side than before, or a side's track is another. */
  get sides(): number {
    return this.#sides;
  }

  /** That of the version on its way for a connection that chooses it; the newest otherwise. */
  trackFor(isCanary: IsCanary): Track<Call> {
    const version = this.#canary?.current?.bundle.version;
    return this.#canary !== undefined && version !== undefined && isCanary(this.name, version)
      ? this.#canary
      : this.#track;
  }

  /** Connections choose anew. */
  reviewSides(): void {
    this.#sides++;
  }

  /** A version is on its way; both are measured. @throws when another one is */
  begin(canary: Deployment): void {
    if (this.#canary !== undefined) throw new Error("`begin` came to a policy that has a canary");
    this.#canary = new Track(this.name, canary);
    this.#canary.measure(new VersionTally());
    this.#track.measure(new VersionTally());
    this.#sides++;
  }

  /** The version on its way is the newest. @returns the track of the one before; undefined: there is no canary */
  promote(): Track<Call> | undefined {
    const canary = this.#canary;
    if (canary === undefined) return undefined;
    const before = this.#track;
    before.measure(undefined);
    if (before.isHeld) before.pin();
    canary.promote();
    this.#track = canary;
    this.#canary = undefined;
    this.#sides++;
    return before;
  }

  /** There is no version on its way any more. @returns its track; undefined: there was none */
  withdraw(): Track<Call> | undefined {
    const canary = this.#canary;
    this.#canary = undefined;
    this.#track.measure(undefined);
    this.#sides++;
    return canary;
  }

  /** Connections have places in it, whatever version they follow. */
  get isSeated(): boolean {
    return this.#seats > 0;
  }

  /** What was the newest version stays for those who hold it. @returns the track of the next one */
  branch(): Track<Call> {
    this.#track.pin();
    this.#track.measure(undefined);
    this.#track = new Track(this.name);
    if (this.#canary !== undefined) this.#track.measure(new VersionTally());
    this.#sides++;
    return this.#track;
  }

  enter(): void {
    this.#seats++;
  }

  leave(): void {
    this.#seats--;
    if (this.#seats === 0) this.#onUnseated(this.name);
  }
}
