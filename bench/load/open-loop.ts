import type { Connection } from "./connection.ts";
import { createBooks, frameOf, type Load, type LoadOptions, openAll, record } from "./load.ts";

const TICK_MS = 1;

/**
 * Sends so many messages a second, whatever comes back, and so sees what a stall does to those that come meanwhile. Each
 * is timed from when it was written: by the millisecond, all of one at once, the connections in turn.
 */
export async function startOpenLoop(options: LoadOptions & { readonly perSecond: number }): Promise<Load> {
  const frame = frameOf(options);
  const books = createBooks();
  let count = 0;
  let written = 0;
  /** By connection: when those were written that are not back yet, the oldest first. */
  const writtenAt = Array.from({ length: options.connections }, (): number[] => []);

  const connections: readonly Connection[] = await openAll(options, (index) => ({
    onFailure: books.onFailure,
    onMessages(came) {
      count += came;
      const now = performance.now();
      for (const time of writtenAt[index]?.splice(0, came) ?? []) record(books.latencies, now - time);
    },
  }));
  const start = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const due = Math.floor(((now - start) / 1000) * options.perSecond);
    for (; written < due; written++) {
      const index = written % connections.length;
      writtenAt[index]?.push(now);
      connections[index]?.write(frame);
    }
  }, TICK_MS);
  return books.asLoad(
    () => count,
    () => {
      clearInterval(timer);
      for (const connection of connections) connection.destroy();
    },
  );
}
