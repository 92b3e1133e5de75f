import type { Readable } from "node:stream";
import type { Batch } from "./batch.ts";
import { readBatch, readBatchSize, SIZE_BYTES } from "./layout.ts";

/**
 * Puts batches together again from what comes out of the pipe.
 *
 * @param onBroken what comes is no stream of batches: nothing more is read of it
 */
export function receiveBatches(
  pipe: Readable,
  onBatch: (batch: Batch) => void,
  onBroken: (error: Error) => void,
): void {
  let whole: Buffer | undefined;
  let filled = 0;
  const head = Buffer.alloc(SIZE_BYTES);
  let headFilled = 0;

  pipe.on("data", (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      pipe.destroy();
      onBroken(error as Error);
    }
  });

  function read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (whole === undefined) {
        const take = Math.min(SIZE_BYTES - headFilled, chunk.length - at);
        chunk.copy(head, headFilled, at, at + take);
        headFilled += take;
        at += take;
        if (headFilled < SIZE_BYTES) return;
        whole = Buffer.allocUnsafeSlow(readBatchSize(head));
        whole.set(head);
        filled = SIZE_BYTES;
        headFilled = 0;
      }
      const take = Math.min(whole.length - filled, chunk.length - at);
      chunk.copy(whole, filled, at, at + take);
      filled += take;
      at += take;
      if (filled === whole.length) {
        const batch = readBatch(whole);
        whole = undefined;
        onBatch(batch);
      }
    }
  }
}
