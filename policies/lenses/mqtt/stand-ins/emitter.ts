type Listener = (value: unknown) => void;

/** What mqtt-packet uses of Node's `events`. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, listener);
    return this;
  }

  emit(event: string, value: unknown): void {
    const listener = this.#listeners.get(event);
    if (listener) listener(value);
    else if (event === "error") throw value;
  }
}
