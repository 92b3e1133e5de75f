/** Calls, and their bytes, that a policy may have on the way; the rest waits in the worker, where it is safe. */
const WINDOW_CALLS = 4096;
const WINDOW_BYTES = 4 * 1024 * 1024;
const NOBODY = 0;

/**
 * What a policy has on the way, and whether more may go. A call that has to be alone goes when no other runs, and closes
 * the window until it has settled or is pending. Calls are told apart by their order.
 *
 *   open ◀──────▶ full       so many calls, or bytes, are on the way
 *    │ ▲
 *    ▼ │
 *   solo                     one call is alone
 */
export class CallWindow {
  #calls = 0;
  #bytes = 0;
  #running = 0;
  #solo = NOBODY;

  get isOpen(): boolean {
    return this.#solo === NOBODY && this.#calls < WINDOW_CALLS && this.#bytes < WINDOW_BYTES;
  }

  /** Calls on the way, the pending ones included. */
  get calls(): number {
    return this.#calls;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Calls on the way that are not pending. */
  get running(): number {
    return this.#running;
  }

  enter(order: number, bytes: number, isAlone: boolean): void {
    this.#calls++;
    this.#bytes += bytes;
    this.#running++;
    if (isAlone) this.#solo = order;
  }

  /** It is pending: others may run. */
  wait(order: number): void {
    this.#running--;
    if (this.#solo === order) this.#solo = NOBODY;
  }

  leave(order: number, bytes: number, wasPending: boolean): void {
    this.#calls--;
    this.#bytes -= bytes;
    if (!wasPending) this.#running--;
    if (this.#solo === order) this.#solo = NOBODY;
  }
}
