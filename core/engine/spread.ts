import { setTimeout as delay } from "node:timers/promises";

/** Does something to each item, the first now and the rest at even distances within the time. Settles after the last. */
export async function spreadOver<Item>(
  items: readonly Item[],
  overMs: number,
  act: (item: Item) => void,
): Promise<void> {
  const startedAt = performance.now();
  for (const [index, item] of items.entries()) {
    const wait = startedAt + (overMs * index) / items.length - performance.now();
    // Nobody is to be held up by these alone: when all have left by themselves, the process may end.
    if (wait > 0) await delay(wait, undefined, { ref: false });
    act(item);
  }
}
