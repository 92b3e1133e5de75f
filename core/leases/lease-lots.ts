/** So many, until then. */
export interface Lot {
  count: number;
  readonly until: number;
}

/** What has been leased of one key and is not spent yet: what ends first is spent first. */
export class LeaseLots {
  readonly #lots: Lot[] = [];

  /** What may be spent now. */
  count(now: number): number {
    let count = 0;
    for (const lot of this.#lots) if (lot.until >= now) count += lot.count;
    return count;
  }

  add(lot: Lot): void {
    this.#lots.push(lot);
  }

  /** @param count no more than there is */
  spend(count: number, now: number): void {
    let missing = count;
    for (const lot of this.#lots) {
      if (lot.until < now) continue;
      const spent = Math.min(lot.count, missing);
      lot.count -= spent;
      missing -= spent;
    }
    while (this.#lots[0] !== undefined && (this.#lots[0].count === 0 || this.#lots[0].until < now))
      this.#lots.shift();
  }
}
