import { setTimeout as delay } from "node:timers/promises";
import { dueTimes, type Pace } from "../steering/pace.ts";

/** Does something to each item at its pace, the first now. Settles after the last. */
export async function spreadOver<Item>(
  items: readonly Item[],
  pace: Pace,
  act: (item: Item) => void,
): Promise<void> {
  const startedAt = performance.now();
  const due = dueTimes(items.length, pace);
  for (const [index, item] of items.entries()) {
    const wait = startedAt + (due[index] ?? 0) - performance.now();
    // Nobody is to be held up by these alone: when all have left by themselves, the process may end.
    if (wait > 0) await delay(wait, undefined, { ref: false });
    act(item);
  }
}
