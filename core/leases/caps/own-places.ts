import type { CapLimit, CapPlaces, OnPlace, Vacancy } from "./places.ts";

/** The places of a gateway that is one process: nobody else has a part in them. */
export class OwnPlaces implements CapPlaces {
  readonly #open = new Map<string, number>();
  readonly #lines = new Map<string, OnPlace>();

  /** Keys of which some are open. */
  get size(): number {
    return this.#open.size;
  }

  room(key: string, cap: CapLimit): Vacancy {
    return (this.#open.get(key) ?? 0) < cap.most ? "some" : "none";
  }

  take(key: string, cap: CapLimit): boolean {
    if (this.room(key, cap) === "none") return false;
    this.#add(key, 1);
    return true;
  }

  give(key: string): void {
    this.#add(key, -1);
    this.#lines.get(key)?.();
  }

  declare(key: string, count: number): void {
    this.#add(key, count);
  }

  expect(key: string, cap: CapLimit, count: number, onPlace: OnPlace): void {
    if (count === 0) return void this.#lines.delete(key);
    this.#lines.set(key, onPlace);
    if (this.room(key, cap) === "some") onPlace();
  }

  #add(key: string, change: number): void {
    const count = (this.#open.get(key) ?? 0) + change;
    if (count === 0) this.#open.delete(key);
    else this.#open.set(key, count);
  }
}
