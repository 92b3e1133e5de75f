/**
 * A map of what comes and goes. The table of a `Map` is replaced each few dozen entries, and the old one refers to the new one: once
 * V8 has moved one to where it collects seldom, all later ones follow, with all that was in them, until a full collection.
 * What is taken out of this one is let go of at once, whatever becomes of the table.
 */
export class PassingMap<Value> {
  readonly #places = new Map<string, Place<Value>>();

  get size(): number {
    return this.#places.size;
  }

  get(key: string): Value | undefined {
    return this.#places.get(key)?.value;
  }

  set(key: string, value: Value): void {
    this.#places.set(key, { value });
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    place.value = undefined;
  }

  *values(): Generator<Value> {
    for (const { value } of this.#places.values()) if (value !== undefined) yield value;
  }
}

interface Place<Value> {
  value: Value | undefined;
}
