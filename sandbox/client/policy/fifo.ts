/** First in, first out; what was lost goes back to the front. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  shift(): void {
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > HEAD_KEPT) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** All that wait, in order. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#head) as Item[];
    this.#items.length = this.#head = 0;
    return items;
  }

  unshift(items: readonly Item[]): void {
    if (items.length === 0) return;
    this.#items.splice(0, this.#head, ...items);
    this.#head = 0;
  }
}

/** Places of items that have gone, before those that are left move up. */
const HEAD_KEPT = 4096;
