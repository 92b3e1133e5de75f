import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import type { Connection } from "./connection.ts";
import { createBooks, type Load, type LoadOptions, openAll } from "./load.ts";

/**
 * Only the server sends: so many messages on each connection, and as many again each time that they have come. What asks for
 * them is one small message of the client's, so that what stands between, and has no backpressure, is not flooded.
 */
export async function startPushLoop(options: LoadOptions & { readonly inFlight: number }): Promise<Load> {
  const { messageBytes, inFlight, isBinary = false } = options;
  const ask = JSON.stringify({ push: inFlight, bytes: messageBytes, isBinary });
  const frame = encodeFrame(1, Buffer.from(ask), () => 0x5ac3178e);
  const books = createBooks();
  const owed = new Uint32Array(options.connections).fill(2 * inFlight);
  let count = 0;
  let connections: readonly Connection[] = [];

  connections = await openAll(options, (index) => ({
    onFailure: books.onFailure,
    onMessages(came) {
      count += came;
      let left = (owed[index] as number) - came;
      // Half of them are on their way while the others are asked for.
      for (; left <= inFlight; left += inFlight) connections[index]?.write(frame);
      owed[index] = left;
    },
  }));
  for (const connection of connections) for (let i = 0; i < 2; i++) connection.write(frame);
  return books.asLoad(
    () => count,
    () => {
      for (const connection of connections) connection.destroy();
    },
  );
}
