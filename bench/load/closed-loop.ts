import type { Connection } from "./connection.ts";
import { createBooks, frameOf, type Load, type LoadOptions, openAll, record } from "./load.ts";

/** Keeps so many messages in flight on each connection: each that comes back sends the next. */
export async function startClosedLoop(options: LoadOptions & { readonly inFlight: number }): Promise<Load> {
  const { inFlight } = options;
  const frame = frameOf(options);
  const batch = Buffer.concat(Array.from({ length: inFlight }, () => frame));
  const books = createBooks();
  let count = 0;
  let connections: readonly Connection[] = [];
  /** By connection and number of the message modulo those in flight: when it was written. */
  const writtenAt = Array.from({ length: options.connections }, () => new Float64Array(inFlight));
  const next = new Uint32Array(options.connections);

  connections = await openAll(options, (index) => ({
    onFailure: books.onFailure,
    onMessages(came) {
      count += came;
      const now = performance.now();
      const times = writtenAt[index] as Float64Array;
      let at = next[index] as number;
      for (let i = 0; i < came; i++) {
        record(books.latencies, now - (times[at] as number));
        times[at] = now;
        at = at + 1 === inFlight ? 0 : at + 1;
      }
      next[index] = at;
      connections[index]?.write(came === inFlight ? batch : batch.subarray(0, came * frame.length));
    },
  }));
  for (const [index, connection] of connections.entries()) {
    writtenAt[index]?.fill(performance.now());
    connection.write(batch);
  }
  return books.asLoad(
    () => count,
    () => {
      for (const connection of connections) connection.destroy();
    },
  );
}
