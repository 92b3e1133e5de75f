/** What can be taken out of service. */
export type DrainPlace =
  | { readonly kind: "gateway" }
  | { readonly kind: "route"; readonly name: string }
  /** Without a target all servers of the upstream. */
  | { readonly kind: "upstream"; readonly name: string; readonly target?: string };

/** A drain that is known already, and begins later. */
export interface WaitingDrain {
  readonly place: DrainPlace;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Drains that wait for their time: until then whoever sends clients here can send them elsewhere, and nobody is turned away. */
export class DrainSchedule {
  readonly #waiting = new Map<string, WaitingDrain & { readonly timer: NodeJS.Timeout }>();

  /** Another drain of the same place is forgotten. @returns when it begins, milliseconds since 1970 */
  add(place: DrainPlace, delayMs: number, begin: () => void): number {
    this.cancel(place);
    const key = keyOf(place);
    const at = Date.now() + delayMs;
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      begin();
    }, delayMs).unref();
    this.#waiting.set(key, { place, at, timer });
    return at;
  }

  /** @returns whether there was one */
  cancel(place: DrainPlace): boolean {
    const key = keyOf(place);
    clearTimeout(this.#waiting.get(key)?.timer);
    return this.#waiting.delete(key);
  }

  has(place: DrainPlace): boolean {
    return this.#waiting.has(keyOf(place));
  }

  /** The next one first. */
  list(): readonly WaitingDrain[] {
    return [...this.#waiting.values()].map(({ place, at }) => ({ place, at })).sort((a, b) => a.at - b.at);
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}

function keyOf(place: DrainPlace): string {
  return JSON.stringify(place);
}
