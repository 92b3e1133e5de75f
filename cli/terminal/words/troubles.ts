import type { Words } from "./words.ts";

/** What is wrong, from when it is told to when it is over. */
export class Troubles {
  readonly #standing = new Map<string, string>();

  add(what: string, { subject = "", text }: Words): void {
    this.#standing.set(what, subject === "" ? text : `${subject}: ${text}`);
  }

  end(what: string): void {
    this.#standing.delete(what);
  }

  has(what: string): boolean {
    return this.#standing.has(what);
  }

  list(): readonly string[] {
    return [...this.#standing.values()];
  }
}
