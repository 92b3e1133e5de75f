/** First in, first out; what was lost goes back to the front. Emptied and filled again, it takes no new memory. */
export class Fifo<Item> {
  /** Nothing behind the tail but undefined. */
  #items: (Item | undefined)[] = [];
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(item: Item): void {
    this.#items[this.#tail++] = item;
  }

  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  shift(): void {
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#tail) this.#clear();
    else if (this.#head > HEAD_KEPT) {
      this.#items.splice(0, this.#head);
      this.#tail -= this.#head;
      this.#head = 0;
    }
  }

  /** All that wait, in order. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#head, this.#tail) as Item[];
    this.#items.length = 0;
    this.#clear();
    return items;
  }

  unshift(items: readonly Item[]): void {
    if (items.length === 0) return;
    this.#items.splice(0, this.#head, ...items);
    this.#tail += items.length - this.#head;
    this.#head = 0;
  }

  #clear(): void {
    this.#head = this.#tail = 0;
    if (this.#items.length > HEAD_KEPT) this.#items.length = 0;
  }
}

/** Places of items that have gone, before those that are left move up, and of none at all. */
const HEAD_KEPT = 4096;
