import { LEASE_MS } from "../../sandbox/index.ts";

/**
 * How much of a key goes here in the time of a lease. Nobody leases more than goes: what lies unused with a thousand machines
 * is missing elsewhere, and what goes back late comes on top of what has been refilled meanwhile.
 */
export class Spending {
  #since = Number.NEGATIVE_INFINITY;
  #current = 0;
  #before = 0;

  add(count: number, now: number): void {
    this.#turn(now);
    this.#current += count;
  }

  /** One at least: somebody is there. */
  recent(now: number): number {
    this.#turn(now);
    return Math.max(1, this.#before, this.#current);
  }

  #turn(now: number): void {
    const past = now - this.#since;
    if (past < LEASE_MS) return;
    this.#before = past < 2 * LEASE_MS ? this.#current : 0;
    this.#current = 0;
    this.#since = now;
  }
}
