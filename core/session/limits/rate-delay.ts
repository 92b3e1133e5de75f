import type { Deadline, Deadlines } from "./deadlines.ts";
import type { RateGate } from "./rate-gate.ts";

/** Holds up a sender that has sent more than its rate allows, until that is made good. */
export class RateDelay {
  readonly #rate: RateGate;
  readonly #deadlines: Deadlines;
  readonly #onOver: () => void;
  #deadline: Deadline | undefined;
  /** The sender has been held up, once or again, since it last had sent no more than it may. */
  #isInDebt = false;

  /** @param onOver it is time to ask again */
  constructor(rate: RateGate, deadlines: Deadlines, onOver: () => void) {
    this.#rate = rate;
    this.#deadlines = deadlines;
    this.#onOver = onOver;
  }

  /** Whether the sender is to be held up now; if so, `onOver` will be called. */
  isDue(): boolean {
    const debtMs = this.#rate.debtMs();
    if (debtMs > 0 && !this.#isInDebt) this.#rate.countDelay();
    this.#isInDebt = debtMs > 0;
    if (debtMs === 0) return false;
    this.#deadline ??= this.#deadlines.after(debtMs, () => {
      this.#deadline = undefined;
      this.#onOver();
    });
    return true;
  }

  stop(): void {
    if (this.#deadline !== undefined) this.#deadlines.cancel(this.#deadline);
    this.#deadline = undefined;
  }
}
