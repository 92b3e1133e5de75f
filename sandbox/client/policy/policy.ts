import { eachHook } from "./by-hook.ts";
import { HookCounts } from "./call-counts.ts";
import type { LogLimiter } from "./log-limiter.ts";
import { type Followed, Track } from "./track.ts";

/** A policy by its name, over all its versions. It is kept when it has none left: its counts never go back. */
export class NamedPolicy<Call> implements Followed<Call> {
  readonly name: string;
  readonly logs: LogLimiter;
  readonly counts = eachHook(() => new HookCounts());
  #track: Track<Call>;
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

  /** Connections have places in it, whatever version they follow. */
  get isSeated(): boolean {
    return this.#seats > 0;
  }

  /** What was the newest version stays for those who hold it. @returns the track of the next one */
  branch(): Track<Call> {
    this.#track.pin();
    this.#track = new Track(this.name);
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
