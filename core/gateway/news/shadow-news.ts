import type { GatewayEvent } from "../../events.ts";

/** Versions come and go: those of long ago may be told anew. */
const MAX_KNOWN = 1000;

/** Each worker tells what a shadow does for the first time there; it is said once. */
export class ShadowNewsOnce {
  readonly #known = new Set<string>();

  /** @returns whether it is news; what has nothing to do with shadows always is */
  take(event: GatewayEvent): boolean {
    if (event.type !== "shadow-differs" && event.type !== "shadow-failed") return true;
    const { type, policy, from, version, hook } = event;
    const key = JSON.stringify([type, policy, from, version, hook]);
    if (this.#known.has(key)) return false;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(key);
    return true;
  }
}
