import type { CapLimit, CapPlaces, OnPlace, Vacancy } from "./places.ts";
import type { Soon } from "./soon.ts";

/**
 * How many of something are open in this process. While there is a cap each has a place of the book; those that came before
 * the cap are declared when it comes.
 */
export class CappedCount {
  readonly #places: CapPlaces;
  readonly #key: string;
  #cap: CapLimit | undefined;
  #open = 0;
  #asking = 0;

  constructor(places: CapPlaces, key: string) {
    this.#places = places;
    this.#key = key;
  }

  /** In this process, those that the book is asked for included. */
  get active(): number {
    return this.#open + this.#asking;
  }

  /** @param most 0: there is no cap, from now on */
  limit(most: number, onStoreLoss: CapLimit["onStoreLoss"] = "local"): void {
    const before = this.#cap;
    this.#cap = most === 0 ? undefined : { most, onStoreLoss };
    if (before === undefined && most > 0 && this.#open > 0) this.#places.declare(this.#key, this.#open);
    if (before === undefined || most > 0) return;
    this.#places.expect(this.#key, before, 0, () => {});
    for (let n = 0; n < this.#open; n++) this.#places.give(this.#key);
  }

  get room(): Vacancy {
    return this.#cap === undefined ? "some" : this.#places.room(this.#key, this.#cap);
  }

  enter(): Soon<boolean> {
    const isIn = this.#cap === undefined || this.#places.take(this.#key, this.#cap);
    if (typeof isIn !== "boolean") return this.#wait(isIn);
    if (isIn) this.#open++;
    return isIn;
  }

  leave(): void {
    this.#open--;
    if (this.#cap !== undefined) this.#places.give(this.#key);
  }

  /** So many wait here for a place. */
  expect(count: number, onPlace: OnPlace): void {
    if (this.#cap !== undefined) this.#places.expect(this.#key, this.#cap, count, onPlace);
  }

  async #wait(answer: Promise<boolean>): Promise<boolean> {
    this.#asking++;
    const isIn = await answer;
    this.#asking--;
    if (!isIn) return this.#cap === undefined && this.enter();
    this.#open++;
    // The cap has gone meanwhile: nobody counts any more.
    if (this.#cap === undefined) this.#places.give(this.#key);
    return true;
  }
}
