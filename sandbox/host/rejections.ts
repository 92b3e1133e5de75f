import type { GuestEars } from "./isolate-boot.ts";

/** Each try throws one more of the rejections that nobody handled. */
const MAX_REJECTIONS = 8;
const MAX_TEXT = 2048;

/**
 * An entry has come to its end, but a rejection that nobody handled took the place of what it returned. It is logged, and
 * the guest asked for the same once more, where the next rejection may be waiting.
 */
export class Rejections {
  readonly #log: GuestEars["log"];
  #count = 0;

  constructor(log: GuestEars["log"]) {
    this.#log = log;
  }

  /** @returns whether to ask again; false: there are too many to go on */
  take(error: unknown): boolean {
    if (this.#count === MAX_REJECTIONS) return false;
    this.#count++;
    const text = error instanceof Error ? error.message : String(error);
    this.#log(0, "error", `unhandled rejection: ${text}`.slice(0, MAX_TEXT));
    return true;
  }
}
