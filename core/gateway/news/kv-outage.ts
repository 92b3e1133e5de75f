import type { GatewayEvent } from "../../events.ts";

/** Each worker has a connection of its own to Redis. What is said is that some have lost it, and that all have it again. */
export class KvOutage {
  readonly #without = new Set<number>();
  readonly #isStopping: () => boolean;

  constructor(isStopping: () => boolean) {
    this.#isStopping = isStopping;
  }

  /** @returns whether it is news; what has nothing to do with kv always is */
  take(event: GatewayEvent): boolean {
    switch (event.type) {
      case "kv-lost":
        return this.#without.add(event.pid).size === 1;
      case "kv-back":
        if (!this.#without.delete(event.pid) || this.#without.size > 0) return false;
        // Workers that end with the gateway have not got Redis back.
        return !(event.hasEnded && this.#isStopping());
      default:
        return true;
    }
  }
}
