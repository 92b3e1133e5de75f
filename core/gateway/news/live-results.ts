import type { ReloadResult } from "../../../policies/reload/policy-state.ts";

/** Says of a new version that it is there when it is, in all workers, and of all else what became of it at once. */
export class LiveResults {
  readonly #say: (result: ReloadResult) => void;
  #waiting: ReloadResult[] = [];

  constructor(say: (result: ReloadResult) => void) {
    this.#say = say;
  }

  /** @param isRunning versions are put into effect from now on; at the start all are, together */
  take(result: ReloadResult, isRunning: boolean): void {
    if (isRunning && COMES.has(result.outcome)) this.#waiting.push(result);
    else this.#say(result);
  }

  /** @param apply puts into effect all that has been taken */
  async during(apply: () => Promise<void>): Promise<void> {
    const covered = this.#waiting;
    this.#waiting = [];
    try {
      await apply();
    } finally {
      for (const result of covered) this.#say(result);
    }
  }
}

const COMES: ReadonlySet<ReloadResult["outcome"]> = new Set(["loaded", "reloaded", "rolled back"]);
